import { IconActivityHeartbeat } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { queries } from '../../api/queries';
import type { ModelSummary } from '../../api/types';

/** The lifecycle of a model of this name, when it has one. */
export function useLife(name: string): ModelSummary | undefined {
  const models = useQuery(queries.models());
  return models.data?.items.find((model) => model.model === name);
}

export function LifeLink({ name, none = null }: { name: string; none?: ReactNode }) {
  const life = useLife(name);
  return life ? (
    <Link to="/models/$model" params={{ model: name }} className="row-tight">
      <IconActivityHeartbeat size={16} stroke={2} aria-hidden /> Life of the model
    </Link>
  ) : (
    none
  );
}
