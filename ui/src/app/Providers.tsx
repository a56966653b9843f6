import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { theme } from './theme';

export function Providers({ nonce = '', env = 'default', children }: { nonce?: string; env?: 'default' | 'test'; children: ReactNode }) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce} env={env}>
      {children}
      <Notifications position="bottom-right" />
    </MantineProvider>
  );
}
