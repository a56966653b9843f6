package dev.perennial.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.tracking.KeyValue;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Searches for models and versions: filters, orders, pages, and the place of prompts. */
abstract class RegistrySearchContract extends RegistryFixture {
    private static final VisibleModels ALL = VisibleModels.all(ModelName.DEFAULT_PROJECT);

    private void three() {
        model("Apple", new KeyValue("team", "fruit"), new KeyValue("the key", "a"));
        later();
        model("apricot", new KeyValue("team", "Fruit"));
        later();
        model("beet_root", new KeyValue("team", "root"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name = 'Apple' | Apple",
                "attributes.name != 'Apple' | apricot,beet_root",
                "name LIKE 'ap%' | apricot",
                "attribute.name ILIKE 'ap%' | Apple,apricot",
                "name LIKE 'beet_root' | beet_root",
                "name IN ('Apple', 'beet_root') | Apple,beet_root",
                "tags.team = 'fruit' | Apple",
                "tag.team ILIKE 'FRUIT' | Apple,apricot",
                "tags.team != 'fruit' | apricot,beet_root",
                "tags.`the key` = 'a' | Apple",
                "tags.absent != 'a' | ''",
                "tags.`the key` IS NULL | apricot,beet_root",
                "tags.team LIKE '%oot' AND name = 'beet_root' | beet_root",
                "name = 'Apple' AND tags.team = 'root' | ''",
                "name = 'Apple' OR tags.team = 'root' | Apple,beet_root",
                "NOT (name = 'Apple' OR tags.team = 'root') | apricot",
                "name = \"'; drop table registered_model; --\" | ''",
            })
    void modelsAreFound(String filter, String expected) {
        three();
        assertThat(modelNames(filter)).containsExactlyElementsOf(names(expected));
    }

    private static List<String> names(String list) {
        return list.isEmpty() ? List.of() : List.of(list.split(","));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "name > 'a'",
                "name = 3",
                "nam = 'x'",
                "version_number = 1",
                "params.x = 'y'",
                "tags.team > 'x'",
                "tags.team = 3",
                "name IS NULL",
                "name = 'x' AND",
                "name = 'x'; name = 'y'",
                "name",
            })
    void aBadFilterForModelsIsRefused(String filter) {
        three();
        refused(ErrorCode.INVALID_ARGUMENT, () -> modelNames(filter)).hasMessageContaining("filter");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name | Apple,apricot,beet_root",
                "name DESC | beet_root,apricot,Apple",
                "timestamp DESC | beet_root,apricot,Apple",
                "last_updated_timestamp ASC | Apple,apricot,beet_root",
                "attribute.last_updated_timestamp desc | beet_root,apricot,Apple",
            })
    void modelsComeInTheOrderThatIsAsked(String order, String expected) {
        three();
        assertThat(modelNames("", order)).containsExactlyElementsOf(names(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"stage", "tags.team", "name SIDEWAYS", "metrics.x"})
    void anOrderOfModelsThatIsNoneIsRefused(String order) {
        refused(ErrorCode.INVALID_ARGUMENT, () -> modelNames("", order)).hasMessageContaining("order");
    }

    @Test
    void theSameKeyTwiceInAnOrderIsRefused() {
        refused(ErrorCode.INVALID_ARGUMENT, () -> modelNames("", "timestamp", "attribute.timestamp DESC"))
                .hasMessageContaining("duplicate");
    }

    @Test
    void pagesOfModelsHoldEachOnceWhileOthersComeAndGo() {
        for (int i = 0; i < 7; i++) {
            model("m" + i);
        }
        List<String> seen = new ArrayList<>();
        String token = null;
        do {
            var page = models.search(request("name LIKE 'm%'", 3, token), ALL);
            page.items().forEach(model -> seen.add(model.name().text()));
            token = page.next().orElse(null);
            if (seen.size() == 3) {
                models.delete(ANN, ModelName.of("m0"));
                model("m00");
            }
        } while (token != null);
        assertThat(seen).containsExactly("m0", "m1", "m2", "m3", "m4", "m5", "m6");
    }

    @Test
    void theLastFullPageHasNoToken() {
        model("a");
        model("b");
        assertThat(models.search(request("", 2, null), ALL).next()).isEmpty();
    }

    @Test
    void aTokenBelongsToItsSearch() {
        three();
        String token = models.search(request("", 1, null), ALL).next().orElseThrow();
        refused(ErrorCode.INVALID_ARGUMENT, () -> models.search(request("name != 'x'", 1, token), ALL))
                .hasMessageContaining("page token");
        refused(ErrorCode.INVALID_ARGUMENT, () -> models.search(request("", 1, token), VisibleModels.all("other")));
        refused(ErrorCode.INVALID_ARGUMENT, () -> versions.search(request("", 1, token), ALL));
        refused(ErrorCode.INVALID_ARGUMENT, () -> models.search(request("", 1, "no"), ALL));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | plain,spoken",
                "tag.`mlflow.prompt.is_prompt` != 'true' | plain,spoken",
                "tags.`mlflow.prompt.is_prompt` = 'false' | plain,spoken",
                "tags.mlflow.prompt.is_prompt = 'true' | greeting",
                "tags.team = 'a' | plain",
                "tags.team = 'a' AND tag.`mlflow.prompt.is_prompt` != 'true' | plain",
                "tags.team = 'a' AND tag.`mlflow.prompt.is_prompt` = 'true' | greeting",
                "tags.`mlflow.prompt.is_prompt` IS NOT NULL | greeting,spoken",
                "tags.`mlflow.prompt.is_prompt` = 'true' OR name = 'plain' | greeting,plain",
                "NOT tags.`mlflow.prompt.is_prompt` != 'true' | greeting",
            })
    void promptsAreFoundOnlyWhenTheFilterSpeaksOfThem(String filter, String expected) {
        model("plain", new KeyValue("team", "a"));
        model("spoken", new KeyValue(RegisteredModel.PROMPT_TAG, "false"));
        model("greeting", new KeyValue("team", "a"), PROMPT);
        assertThat(modelNames(filter)).containsExactlyElementsOf(names(expected));
    }

    @Test
    void versionsOfPromptsAreFoundOnlyWhenTheFilterSpeaksOfThem() {
        model("plain");
        version("plain");
        model("greeting", PROMPT);
        from("greeting", "prompt-template", PROMPT);
        assertThat(versionNames("")).containsExactly("plain/1");
        assertThat(versionNames("tags.`mlflow.prompt.is_prompt` = 'true'")).containsExactly("greeting/1");
        assertThat(versionNames("name = 'greeting'")).isEmpty();
        assertThat(versionNames("name = 'greeting' AND tags.`mlflow.prompt.is_prompt` = 'true'"))
                .containsExactly("greeting/1");
    }

    private void versionsOfTwo() {
        model("a");
        model("b");
        versions.create(
                ANN,
                ModelName.of("a"),
                new NewVersion("s3://one/x", "r1", null, null, null, List.of(new KeyValue("k", "v"))));
        later();
        versions.create(ANN, ModelName.of("b"), new NewVersion("s3://two/x", "r2", null, null, null, List.of()));
        later();
        versions.create(ANN, ModelName.of("a"), new NewVersion("s3://two/y", null, null, null, null, List.of()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | a/2,b/1,a/1",
                "name = 'a' | a/2,a/1",
                "name ILIKE 'B' | b/1",
                "source_path LIKE 's3://two/%' | a/2,b/1",
                "source_path = 's3://one/x' | a/1",
                "run_id = 'r1' | a/1",
                "run_id IN ('r1', 'r2') | b/1,a/1",
                "attributes.run_id != 'r1' | a/2,b/1",
                "version_number > 1 | a/2",
                "version_number <= 1 AND name = 'a' | a/1",
                "version_number = 9 | ''",
                "run_id = 'r1' OR version_number = 2 | a/2,a/1",
                "tags.k = 'v' | a/1",
                "tags.k != 'v' | ''",
            })
    void versionsAreFoundTheLastChangedFirst(String filter, String expected) {
        versionsOfTwo();
        assertThat(versionNames(filter)).containsExactlyElementsOf(names(expected));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "version_number = '1'",
                "version_number LIKE '1'",
                "run_id > 'x'",
                "source = 'x'",
                "status = 'READY'",
                "metrics.x > 1",
            })
    void aBadFilterForVersionsIsRefused(String filter) {
        refused(ErrorCode.INVALID_ARGUMENT, () -> versionNames(filter)).hasMessageContaining("filter");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "version_number DESC | a/10,a/9,a/8,a/7,a/6,a/5,a/4,a/3,a/2,a/1",
                "version_number | a/1,a/2,a/3,a/4,a/5,a/6,a/7,a/8,a/9,a/10",
                "creation_timestamp | a/1,a/2,a/3,a/4,a/5,a/6,a/7,a/8,a/9,a/10",
                "name | a/10,a/9,a/8,a/7,a/6,a/5,a/4,a/3,a/2,a/1",
            })
    void numbersOfVersionsAreOrderedAsNumbers(String order, String expected) {
        model("a");
        for (int i = 0; i < 10; i++) {
            version("a");
            later();
        }
        assertThat(versionNames("", order)).containsExactlyElementsOf(names(expected));
    }

    @Test
    void pagesOfVersionsHoldEachOnceAlsoWhenAllChangedTogether() {
        model("a");
        model("b");
        for (int i = 0; i < 5; i++) {
            version("a");
            version("b");
        }
        List<String> seen = new ArrayList<>();
        String token = null;
        do {
            var page = versions.search(request("", 3, token), ALL);
            page.items().forEach(version -> seen.add(version.model() + "/" + version.number()));
            token = page.next().orElse(null);
        } while (token != null);
        assertThat(seen).containsExactly("a/5", "a/4", "a/3", "a/2", "a/1", "b/5", "b/4", "b/3", "b/2", "b/1");
    }
}
