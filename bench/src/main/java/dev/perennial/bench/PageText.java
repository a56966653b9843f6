package dev.perennial.bench;

/** What the loader needs to know of an answer, looked for as text: it shall cost little beside the server. */
final class PageText {
    private PageText() {}

    static int count(String page, String mark) {
        int count = 0;
        for (int at = page.indexOf(mark); at >= 0; at = page.indexOf(mark, at + mark.length())) {
            count++;
        }
        return count;
    }

    /** The token of the next page at the end of a page; empty on the last. */
    static String token(String page) {
        int at = page.lastIndexOf("\"next_page_token\"");
        if (at < 0) {
            return "";
        }
        int from = page.indexOf('"', page.indexOf(':', at)) + 1;
        return page.substring(from, page.indexOf('"', from));
    }
}
