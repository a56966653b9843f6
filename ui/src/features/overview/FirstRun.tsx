import { IconPlant2 } from '@tabler/icons-react';
import { Command, Empty } from '../../shared/states';

export function FirstRun({ url }: { url: string | undefined }) {
  return (
    <Empty title="No model lives here yet" icon={<IconPlant2 size={28} stroke={1.75} aria-hidden />}>
      <p className="quiet">A model appears here as soon as its lifecycle file is applied. Three ways to begin:</p>
      <p>Watch one model live through nine months of real flights:</p>
      <Command text="./perennial demo" />
      <p>Apply a lifecycle file, the example or your own:</p>
      <Command text="./perennial apply examples/flight-delay/lifecycle.yaml" />
      <p>Log runs with the official MLflow client:</p>
      <Command text={`export MLFLOW_TRACKING_URI=${url ?? 'http://127.0.0.1:7300'}`} />
    </Empty>
  );
}
