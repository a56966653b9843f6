import { exampleRow, type ModelColumn } from './modelFile';

/** What people paste to use a model. Pure functions. */

export interface Use {
  /** The address of this server, without a slash at its end. */
  server: string;
  /** The model as MLflow's clients name it. */
  uri: string;
  /** Where the server tells of the model, and where its MLmodel file is, below its address. */
  about: string;
  file: string;
  /** The server asks who one is. */
  auth: boolean;
  inputs: ModelColumn[];
  /** Where a model with a lifecycle answers; undefined for one that is only kept. */
  endpoint: string | undefined;
}

/** The address of this server as a program names it. */
export const serverAddress = () => new URL('.', document.baseURI).toString().replace(/\/$/, '');

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

/** A value in Python's words. */
function python(value: unknown): string {
  if (value === true || value === false) {
    return value ? 'True' : 'False';
  }
  if (Array.isArray(value)) {
    return `[${value.map(python).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, one]) => `${literal(key)}: ${python(one)}`)
      .join(', ')}}`;
  }
  return JSON.stringify(value);
}

/** Types that pandas would make wider than the signature allows. */
const NARROW: Record<string, string> = { integer: 'int32', float: 'float32', datetime: 'datetime64[ns]' };

function array({ dtype, shape }: { dtype: string; shape: number[] }): string {
  const sizes = shape.map((size) => (size < 0 ? 1 : size));
  const tuple = `(${sizes.join(', ')}${sizes.length === 1 ? ',' : ''})`;
  return /^(object|str|<U|U)/.test(dtype) ? `np.full(${tuple}, "text", dtype=object)` : `np.zeros(${tuple}, dtype="${dtype}")`;
}

/** Something that fits the signature, as an expression of Python; undefined when nothing is known of what the model takes. */
function rows(inputs: ModelColumn[]): string | undefined {
  const [first] = inputs;
  if (first === undefined) {
    return undefined;
  }
  if (first.tensor) {
    return first.name === ''
      ? array(first.tensor)
      : `{${inputs.map((one) => `${literal(one.name)}: ${one.tensor ? array(one.tensor) : python(one.example)}`).join(', ')}}`;
  }
  if (first.name === '') {
    return `pd.DataFrame([${python(inputs.map((one) => one.example))}])`;
  }
  const narrow = inputs.flatMap((one) => (NARROW[one.type] ? [`${literal(one.name)}: "${NARROW[one.type]}"`] : []));
  return `pd.DataFrame([${python(exampleRow(inputs))}])${narrow.length === 0 ? '' : `.astype({${narrow.join(', ')}})`}`;
}

export function snippets(use: Use): Snippet[] {
  return use.endpoint === undefined ? kept(use) : served(use, use.endpoint);
}

const TOKEN = 'MLFLOW_TRACKING_TOKEN';

/** The model is taken from the registry. */
function kept(use: Use): Snippet[] {
  return [
    { language: 'python', label: 'Python', file: 'use_model.py', text: pythonOf(use) },
    { language: 'java', label: 'Java', file: 'UseModel.java', text: javaOf(use) },
    { language: 'curl', label: 'curl', file: 'use_model.sh', text: curlOf(use) },
  ];
}

function pythonOf({ server, uri, auth, inputs }: Use): string {
  const given = rows(inputs);
  const uses = (name: string) => given?.includes(`${name}.`) ?? false;
  const imports = ['import mlflow', ...(uses('np') ? ['import numpy as np'] : []), ...(uses('pd') ? ['import pandas as pd'] : [])];
  return `# pip install mlflow${uses('pd') ? ' pandas' : ''}
${auth ? `# export ${TOKEN}=…   (a token from the page Tokens)\n` : ''}${imports.join('\n')}

mlflow.set_tracking_uri(${literal(server)})
model = mlflow.pyfunc.load_model(${literal(uri)})
${given === undefined ? '# It was logged without a signature: give model.predict() what it was trained on.\nprint(model)' : `rows = ${given}\nprint(model.predict(rows))`}
`;
}

function javaOf({ server, file, auth }: Use): string {
  return `// java UseModel.java
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;

public class UseModel {
    public static void main(String[] arguments) throws Exception {
        URI file = URI.create(${literal(`${server}/${file}`)});
        HttpRequest request = HttpRequest.newBuilder(file)${auth ? `\n                .header("Authorization", "Bearer " + System.getenv("${TOKEN}"))\n                ` : ''}.build();
        var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofFile(Path.of("MLmodel")));
        System.out.println(answer.statusCode() + " " + answer.body().toAbsolutePath());
    }
}
`;
}

function curlOf({ server, about, file, auth }: Use): string {
  const header = auth ? `-H "Authorization: Bearer $${TOKEN}" ` : '';
  return `# where the model is kept, and what it is
curl -fsS ${header}${word(`${server}/${about}`)}
curl -fsS ${header}-o MLmodel ${word(`${server}/${file}`)}
`;
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
