package dev.perennial.scorer.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class EndpointTest {
    @Test
    void aVersionIsCalledByItsNumber() {
        Endpoint endpoint = Endpoints.versions("iris/1", "iris/2");
        assertThat(endpoint.versions()).extracting(endpoint::called).containsExactly("1", "2");
    }

    @Test
    void ofTwoModelsWithOneNumberTheSecondIsCalledByItsFullName() {
        Endpoint endpoint = Endpoints.versions("iris/1", "sk/1", "sk/2");
        assertThat(endpoint.versions()).extracting(endpoint::called).containsExactly("1", "sk/1", "2");
    }

    @Test
    void whatAVersionIsCalledLeadsToIt() {
        Endpoint endpoint = Endpoints.versions("iris/1", "sk/1", "sk/2");
        assertThat(endpoint.versions())
                .allSatisfy(version ->
                        assertThat(endpoint.version(endpoint.called(version))).isEqualTo(version));
    }

    @Test
    void aNumberThatOnlyEndsLikeAnotherIsNone() {
        Endpoint endpoint = Endpoints.versions("iris/11");
        assertThatThrownBy(() -> endpoint.version("1"))
                .hasMessage("endpoint 'm' has no live version '1'; there are [iris/11]");
    }
}
