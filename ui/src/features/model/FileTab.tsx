import type { ModelDetail } from '../../api/types';
import { HashText } from '../../shared/bits';
import { CopyIcon } from '../../shared/states';

/** The lifecycle file in force: every threshold that a gate or monitor uses. */
export function FileTab({ model }: { model: ModelDetail }) {
  return (
    <div className="panel-body stack">
      <div className="spread">
        <span>
          Revision {model.revision}, <HashText hash={model.digest} most={20} />
        </span>
        <CopyIcon text={model.lifecycle} label="Copy the lifecycle file" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <pre className="code-block" tabIndex={0}>
        {model.lifecycle}
      </pre>
    </div>
  );
}
