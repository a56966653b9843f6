import { exampleRow, type ModelColumn } from './modelFile';

/** What people paste to use a model. Pure functions. */

export interface Use {
  /** The address of this server. */
  server: string;
  name: string;
  version: string;
  inputs: ModelColumn[];
  /** Where a model with a lifecycle answers; undefined for one that is only kept. */
  endpoint: string | undefined;
}

export interface Snippet {
  language: 'python' | 'java' | 'curl';
  label: string;
  file: string;
  text: string;
}

/** A text as a literal of Python and Java, which read JSON's escapes alike. */
const literal = (text: string) => JSON.stringify(text);
/** A text as one word of a shell. */
const word = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

function python(row: Record<string, unknown>): string {
  const cell = (value: unknown) => (value === true ? 'True' : value === false ? 'False' : JSON.stringify(value));
  return `{${Object.entries(row)
    .map(([key, value]) => `${literal(key)}: ${cell(value)}`)
    .join(', ')}}`;
}

export function snippets(use: Use): Snippet[] {
  return use.endpoint === undefined ? kept(use) : served(use, use.endpoint);
}

/** The model is taken from the registry. */
function kept({ server, name, version, inputs }: Use): Snippet[] {
  const row = exampleRow(inputs);
  const file = `${server}/model-versions/get-artifact?name=${encodeURIComponent(name)}&version=${version}&path=MLmodel`;
  const frame = inputs.length === 0 ? 'pd.DataFrame()  # put rows here' : `pd.DataFrame([${python(row)}])`;
  return [
    {
      language: 'python',
      label: 'Python',
      file: 'use_model.py',
      text: `# pip install mlflow pandas
import mlflow
import pandas as pd

mlflow.set_tracking_uri(${literal(server)})
model = mlflow.pyfunc.load_model(${literal(`models:/${name}/${version}`)})
rows = ${frame}
print(model.predict(rows))
`,
    },
    {
      language: 'java',
      label: 'Java',
      file: 'UseModel.java',
      text: `// java UseModel.java
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;

public class UseModel {
    public static void main(String[] arguments) throws Exception {
        URI file = URI.create(${literal(file)});
        HttpRequest request = HttpRequest.newBuilder(file).build();
        var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofFile(Path.of("MLmodel")));
        System.out.println(answer.statusCode() + " " + answer.body().toAbsolutePath());
    }
}
`,
    },
    {
      language: 'curl',
      label: 'curl',
      file: 'use_model.sh',
      text: `# where the model is kept, and what it is
curl -fsS ${word(`${server}/api/2.0/mlflow/model-versions/get-download-uri?name=${encodeURIComponent(name)}&version=${version}`)}
curl -fsS -o MLmodel ${word(file)}
`,
    },
  ];
}

/** The model answers at an endpoint, which routes to the version in charge. */
function served({ inputs }: Use, endpoint: string): Snippet[] {
  const body = JSON.stringify({ records: [{ ...exampleRow(inputs), key: 'example-1' }] });
  return [
    {
      language: 'python',
      label: 'Python',
      file: 'predict.py',
      text: `import json
import urllib.request

body = json.loads(${literal(body)})
request = urllib.request.Request(
    ${literal(endpoint)},
    data=json.dumps(body).encode(),
    headers={"Content-Type": "application/json"},
)
print(json.load(urllib.request.urlopen(request)))
`,
    },
    {
      language: 'java',
      label: 'Java',
      file: 'Predict.java',
      text: `// java Predict.java
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

public class Predict {
    public static void main(String[] arguments) throws Exception {
        String body = ${literal(body)};
        HttpRequest request = HttpRequest.newBuilder(URI.create(${literal(endpoint)}))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        System.out.println(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body());
    }
}
`,
    },
    {
      language: 'curl',
      label: 'curl',
      file: 'predict.sh',
      text: `curl -fsS ${word(endpoint)} -H 'Content-Type: application/json' -d ${word(body)}
`,
    },
  ];
}
