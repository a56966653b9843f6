import type { Protocol } from '../../api/endpoints';

/** Programs that call an endpoint as they stand. Pure functions. */

export interface Calling {
  /** The address of a live scorer, without a slash at its end. */
  scorer: string;
  endpoint: string;
  protocol: Protocol;
  body: unknown;
  /** The installation asks who calls. */
  auth: boolean;
}

export interface Program {
  language: 'curl' | 'python';
  label: string;
  text: string;
}

const TOKEN = 'PERENNIAL_TOKEN';
const segment = (name: string) => encodeURIComponent(name).replaceAll('%40', '@');
/** A text as one word of a shell. */
const word = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
/** A text as a literal of Python, which reads JSON's escapes. */
const literal = (text: string) => JSON.stringify(text);

/** Where a protocol takes its body. */
export function addressOf({ scorer, endpoint, protocol }: Pick<Calling, 'scorer' | 'endpoint' | 'protocol'>): string {
  const name = segment(endpoint);
  switch (protocol) {
    case 'records':
      return `${scorer}/endpoints/${name}/predict`;
    case 'v2':
      return `${scorer}/v2/models/${name}/infer`;
    case 'invocations':
      return `${scorer}/serving/${name}/invocations`;
  }
}

export function programs(calling: Calling): Program[] {
  return [
    { language: 'curl', label: 'curl', text: curl(calling) },
    { language: 'python', label: 'Python', text: calling.protocol === 'v2' ? triton(calling) : python(calling) },
  ];
}

function curl(calling: Calling): string {
  const header = calling.auth ? ` \\\n  -H "Authorization: Bearer $${TOKEN}"` : '';
  return `curl -sS ${word(addressOf(calling))} \\
  -H 'Content-Type: application/json'${header} \\
  -d ${word(JSON.stringify(calling.body))}
`;
}

function python(calling: Calling): string {
  const header = calling.auth ? `\n        "Authorization": "Bearer " + os.environ["${TOKEN}"],` : '';
  return `import json
${calling.auth ? 'import os\n' : ''}import urllib.request

body = json.loads(${literal(JSON.stringify(calling.body))})
request = urllib.request.Request(
    ${literal(addressOf(calling))},
    data=json.dumps(body).encode(),
    headers={
        "Content-Type": "application/json",${header}
    },
)
print(json.load(urllib.request.urlopen(request)))
`;
}

interface Tensor {
  name: string;
  datatype: string;
  shape: number[];
  data: unknown[];
}

const TYPES: Record<string, string> = {
  BOOL: 'np.bool_',
  FP16: 'np.float16',
  FP32: 'np.float32',
  FP64: 'np.float64',
  BYTES: 'np.object_',
};
const numpy = (datatype: string) => TYPES[datatype] ?? `np.${datatype.toLowerCase()}`;
const NAN = 'float("nan")';

function item(value: unknown): string {
  if (value === null) {
    return NAN;
  }
  return value === true ? 'True' : value === false ? 'False' : JSON.stringify(value);
}

/** A long tensor of one value is told by its value. */
function array({ datatype, shape, data }: Tensor): string {
  const dims = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  if (data.length > 1 && data.every((one) => one === data[0])) {
    return `np.full(${dims}, ${item(data[0])}, dtype=${numpy(datatype)})`;
  }
  const flat = `np.array([${data.map(item).join(', ')}], dtype=${numpy(datatype)})`;
  return shape.length === 1 ? flat : `${flat}.reshape(${dims})`;
}

/** With the client that Triton's users have. Texts that are not known cannot travel there: they become empty. */
function triton({ scorer, endpoint, body, auth }: Calling): string {
  const inputs = ((body as { inputs?: Tensor[] })?.inputs ?? []).map((one) =>
    one.datatype === 'BYTES' ? { ...one, data: one.data.map((value) => value ?? '') } : one,
  );
  const arrays = inputs.map((one) => `    (${literal(one.name)}, ${literal(one.datatype)}, ${array(one)}),`);
  return `# pip install 'tritonclient[http]'
${auth ? 'import os\n\n' : ''}import numpy as np
import tritonclient.http as triton

values = [
${arrays.join('\n')}
]
inputs = []
for name, datatype, array in values:
    inputs.append(triton.InferInput(name, array.shape, datatype))
    inputs[-1].set_data_from_numpy(array)

client = triton.InferenceServerClient(${literal(scorer.replace(/^https?:\/\//, ''))}${scorer.startsWith('https') ? ', ssl=True' : ''})
answer = client.infer(${literal(endpoint)}, inputs${auth ? `, headers={"Authorization": "Bearer " + os.environ["${TOKEN}"]}` : ''})
for output in answer.get_response()["outputs"]:
    print(output["name"], answer.as_numpy(output["name"]))
`;
}
