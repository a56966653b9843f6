import { createTheme, Drawer, type MantineColorsTuple, Modal, Notification } from '@mantine/core';

/** Shades 6 and 7 carry white labels in both schemes. */
const green: MantineColorsTuple = [
  '#e8f5ef',
  '#d2e9df',
  '#a5d4c0',
  '#77c1a4',
  '#4fac8a',
  '#2f9672',
  '#137a55',
  '#0a6b48',
  '#08573b',
  '#05432d',
];

export const theme = createTheme({
  colors: { green },
  primaryColor: 'green',
  primaryShade: { light: 7, dark: 6 },
  defaultRadius: 4,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '20px' },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Modal: Modal.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Close' }, overlayProps: { blur: 0 } } }),
    Notification: Notification.extend({
      defaultProps: { closeButtonProps: { 'aria-label': 'Close' } },
      styles: { root: { background: 'var(--card)' }, description: { color: 'var(--quiet)' } },
    }),
    Drawer: Drawer.extend({
      defaultProps: {
        closeButtonProps: { 'aria-label': 'Close' },
        position: 'right',
        size: 'min(720px, 100vw)',
        overlayProps: { blur: 0, opacity: 0.35 },
      },
    }),
  },
});
