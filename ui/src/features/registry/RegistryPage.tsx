import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useDeferredValue } from 'react';
import '../../app/run.css';
import '../../app/registry.css';
import { type RegisteredModel, told, tracking } from '../../api/mlflow';
import { Ago, Scroll } from '../../shared/bits';
import { ABSENT, exact } from '../../shared/format';
import { ListPage } from '../../shared/ListPage';
import { Asked, Command, Empty } from '../../shared/states';
import { useListKeys } from '../../shared/useListKeys';
import { nameFilter } from '../experiments/nameFilter';
import { LifeLink } from './LifeLink';
import { latestNumber } from './versions';

const route = getRouteApi('/registry');

/** Which models there are, and which version each alias means. */
export function RegistryPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const wanted = useDeferredValue(search.q ?? '');
  const found = useQuery(tracking.registeredModels(nameFilter('name', wanted)));
  const find = (q: string | undefined) => void navigate({ search: { q }, replace: true, resetScroll: false });
  return (
    <ListPage
      title="Registry"
      thing="model"
      search={search.q ?? ''}
      find={find}
      create={async (name) => {
        await told('registered-models/create', { name });
        await client.invalidateQueries({ queryKey: ['registry'] });
        await navigate({ to: '/registry/$name', params: { name } });
      }}
    >
      <Asked query={found} what="The registry is" rows={6}>
        {({ registered_models: models = [], next_page_token: next }) =>
          models.length === 0 ? (
            search.q ? (
              <Empty title="No model matches">
                <Button variant="default" onClick={() => find(undefined)}>
                  Show all
                </Button>
              </Empty>
            ) : (
              <Empty title="No model is registered">
                <p className="quiet">A client registers what a run logged:</p>
                <Command text='mlflow.register_model("runs:/RUN_ID/model", "churn")' />
              </Empty>
            )
          ) : (
            <>
              <List models={models} />
              {next ? <p className="panel-body small quiet">The first {exact(models.length)} are shown; search for the others.</p> : null}
            </>
          )
        }
      </Asked>
    </ListPage>
  );
}

function List({ models }: { models: RegisteredModel[] }) {
  const keys = useListKeys();
  return (
    <Scroll label="Registered models">
      <table className="grid">
        <thead>
          <tr>
            <th>Model</th>
            <th>Latest</th>
            <th>Aliases</th>
            <th>Life</th>
            <th>Last change</th>
            <th>By</th>
          </tr>
        </thead>
        <tbody onKeyDown={keys}>
          {models.map((model) => (
            <tr key={model.name}>
              <td className="title">
                <Link to="/registry/$name" params={{ name: model.name }} className="strong wrap-anywhere" data-row>
                  {model.name}
                </Link>
                {model.description ? <div className="small quiet clamp">{model.description}</div> : null}
              </td>
              <td>
                <Latest model={model} />
              </td>
              <td>
                <div className="row">
                  {(model.aliases ?? []).map((one) => (
                    <Link
                      key={one.alias}
                      to="/registry/$name/$version"
                      params={{ name: model.name, version: String(one.version) }}
                      className="tag"
                    >
                      @{one.alias} v{one.version}
                    </Link>
                  ))}
                </div>
              </td>
              <td>
                <LifeLink name={model.name} none={ABSENT} />
              </td>
              <td>{model.last_updated_timestamp ? <Ago at={Number(model.last_updated_timestamp)} /> : ABSENT}</td>
              <td>{model.user_id || ABSENT}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Latest({ model }: { model: RegisteredModel }) {
  const latest = latestNumber(model.latest_versions);
  return latest === undefined ? (
    <span className="quiet">none yet</span>
  ) : (
    <Link to="/registry/$name/$version" params={{ name: model.name, version: latest }}>
      v{latest}
    </Link>
  );
}
