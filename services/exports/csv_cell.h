/* Cells of comma-separated values, for `cells.c`. */

#include "json_cut.h"

/* Whether a spreadsheet would run it, or it looks like a cell that was guarded. The same
 * characters as in `guarding.py`. */
static int has_to_be_guarded(Slice text)
{
    static const char *wide[] = {"\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\x9d",
                                 "\xef\xbc\xa0"};
    while (text.at < text.end && *text.at == '\'')
        text.at++;
    if (text.at >= text.end)
        return 0;
    if (memchr("=+-@\t\r\n", *text.at, 7) != NULL)
        return 1;
    for (int i = 0; i < 4 && text.end - text.at >= 3; i++)
        if (memcmp(text.at, wide[i], 3) == 0)
            return 1;
    return 0;
}

static int put_cell(Buffer *to, Slice text)
{
    int is_quoted = 0;
    for (const char *at = text.at; at < text.end && !is_quoted; at++)
        is_quoted = *at == ',' || *at == '"' || *at == '\r' || *at == '\n';
    if (is_quoted && put(to, "\"", 1) < 0)
        return -1;
    if (has_to_be_guarded(text) && put(to, "'", 1) < 0)
        return -1;
    if (!is_quoted)
        return put(to, text.at, text.end - text.at);
    for (const char *mark; text.at < text.end; text.at = mark) {
        mark = memchr(text.at, '"', text.end - text.at);
        mark = mark == NULL ? text.end : mark + 1;
        if (put(to, text.at, mark - text.at) < 0 ||
            (mark[-1] == '"' && put(to, "\"", 1) < 0))
            return -1;
    }
    return put(to, "\"", 1);
}

/* Joins a list of plain texts. 0 if it is none, -1 with an error. */
static int join(Buffer *to, Slice list)
{
    Slice rest = {list.at + 1, list.end}, each;
    int found;
    while ((found = take_element(&rest, &each)) > 0) {
        if (*each.at != '"' || each.end - each.at < 3)
            return 0;
        each.at++, each.end--;
        unsigned char first = each.at[0], last = each.end[-1];
        if (first <= 32 || first >= 127 || last <= 32 || last >= 127)
            return 0; /* it may be white space */
        if (memchr(each.at, '|', each.end - each.at) != NULL ||
            memchr(each.at, '\\', each.end - each.at) != NULL ||
            (to->size == 0 && first == '['))
            return 0;
        if ((to->size && put(to, "|", 1) < 0) ||
            put(to, each.at, each.end - each.at) < 0)
            return -1;
    }
    return found < 0 ? -1 : 1;
}
