package dev.perennial.server.ui;

/** What a browser gets from a server that was built without its interface. */
final class UiAbsent {
    static final String PAGE = """
            <!doctype html>
            <html lang="en">
              <head>
                <meta charset="utf-8" />
                <base href="/" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <title>Perennial without its interface</title>
                <style nonce="__NONCE__">
                  body { font: 16px/1.5 system-ui, sans-serif; max-width: 40em; margin: 10vh auto; padding: 0 1em; color: #16191d; background: #f6f7f8; }
                  code { background: #fff; border: 1px solid #e3e7ea; border-radius: 4px; padding: 0 .3em; }
                </style>
              </head>
              <body>
                <h1>This server was built without its interface</h1>
                <p>Node was not found when it was built. Everything else works: the API, the command line, scoring and the loop.</p>
                <p>To get the interface, install <a href="https://nodejs.org">Node 20.19 or newer</a>, build again and start the server again:</p>
                <p><code>./perennial server</code></p>
                <p>Until then the command line shows the same: <code>./perennial status</code>, <code>./perennial models</code>, <code>./perennial why MODEL</code>.</p>
              </body>
            </html>
            """;

    private UiAbsent() {}
}
