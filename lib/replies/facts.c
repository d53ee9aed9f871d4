/* facts.c - figures in a reply
 *
 * A small reader of tokens (numbers, folded words, separators) goes over the
 * text once and keeps the last few words, so that a number is judged by what
 * stands around it.  Nothing here decides the reason.
 */
#include "facts.h"

#include "port.h"
#include "text.h"

/* ------------------------------------------------------------------------------ tokens */

struct token {
	char word[24]; /* folded, cut where it is longer; "" for numbers */
	int64_t number; /* -1: a word */
	uint32_t begin, end;
};

#define TOKENS_MAX 512

struct tokens {
	struct token at[TOKENS_MAX];
	size_t count;
};

/* fold_into - the letters at text[*i] folded; stops where a word or a letter that stands alone ends */
static void
fold_into(struct token *token, struct mh_str text, size_t *i)
{
	size_t n = 0;
	while (*i < text.len) {
		uint32_t cp = (unsigned char)text.p[*i], second = 0;
		size_t step = 1;
		if (cp >= 0x80) {
			int octets = mh_utf8_get(text.p + *i, text.len - *i, &cp);
			step = octets > 0 ? (size_t)octets : 1;
			cp = octets > 0 ? mh_fold(cp, &second) : ' ';
		}
		if (cp < 0x80 ? !mh_is_alpha((int)cp) : cp < 0xc0)
			break;
		bool lone = cp >= 0x2e80;
		if (lone && n > 0)
			break;
		char utf8[4];
		int octets = cp < 0x80 ? 1 : mh_utf8_put(cp, utf8);
		if (cp < 0x80)
			utf8[0] = mh_lower((char)cp);
		if (n + (size_t)octets + 1 < sizeof(token->word)) {
			memcpy(token->word + n, utf8, (size_t)octets);
			n += (size_t)octets;
			if (second != 0 && n + 1 < sizeof(token->word))
				token->word[n++] = (char)second;
		}
		*i += step;
		if (lone)
			break;
	}
	token->word[n] = '\0';
}

/* follows_number - whether the letters before begin are a unit right behind a number: "5m" of "5m30s" */
static bool
follows_number(const struct tokens *tokens, size_t begin)
{
	if (tokens->count < 2)
		return false;
	const struct token *unit = &tokens->at[tokens->count - 1], *number = unit - 1;
	return unit->end == begin && unit->number < 0 && unit->end - unit->begin == 1 &&
	    number->number >= 0 && number->end == unit->begin;
}

/* clock - octets of "00:04:35" at i, told behind words that make it a length and no time of day; 0: none */
static size_t
clock(const struct tokens *tokens, struct mh_str text, size_t i, int64_t *seconds)
{
	static const char *const cues[] = { "in", "for", "wait", "remaining", "noch" };
	const char *last = tokens->count > 0 ? tokens->at[tokens->count - 1].word : "";
	int64_t part[3] = { 0, 0, 0 };
	size_t at = i;
	for (size_t k = 0; k < MH_COUNT(part); k++) {
		size_t digits = 0;
		for (; at < text.len && mh_is_digit(text.p[at]) && digits < 3; at++, digits++)
			part[k] = part[k] * 10 + (text.p[at] - '0');
		if (k == 0 ? digits == 0 || digits > 2 : digits != 2 || part[k] > 59)
			return 0;
		if (k < 2 && (at == text.len || text.p[at++] != ':'))
			return 0;
	}
	if (at < text.len && (mh_is_alnum(text.p[at]) || text.p[at] == ':'))
		return 0;
	for (size_t k = 0; k < MH_COUNT(cues); k++)
		if (strcmp(last, cues[k]) == 0) {
			*seconds = part[0] * 3600 + part[1] * 60 + part[2];
			return at - i;
		}
	return 0;
}

/* read_tokens - words and numbers, the things that are neither left out */
static void
read_tokens(struct tokens *tokens, struct mh_str text, const struct mh_scan *scan)
{
	uint32_t entity = 0, line = 0;
	tokens->count = 0;
	for (size_t i = 0; i < text.len && tokens->count < TOKENS_MAX;) {
		while (line < scan->line_count && scan->lines[line].text <= i)
			line++;
		if (line < scan->line_count && i >= scan->lines[line].begin) {
			i = scan->lines[line].text; /* codes are no figures */
			continue;
		}
		while (entity < scan->entity_count && scan->entities[entity].end <= i)
			entity++;
		if (entity < scan->entity_count && scan->entities[entity].kind != MH_ENTITY_NUMBER &&
		    i >= scan->entities[entity].begin) {
			i = scan->entities[entity].end;
			continue;
		}
		unsigned char c = (unsigned char)text.p[i];
		struct token *token = &tokens->at[tokens->count];
		token->begin = (uint32_t)i;
		token->number = -1;
		token->word[0] = '\0';
		if (mh_is_digit(c)) {
			int64_t number = 0;
			size_t begin = i, length = clock(tokens, text, i, &number);
			if (length > 0 && tokens->count + 1 < TOKENS_MAX) {
				i += length;
				token->number = number;
				token->end = (uint32_t)i;
				token[1] = (struct token){ "s", -1, (uint32_t)i, (uint32_t)i };
				tokens->count += 2;
				continue;
			}
			for (; i < text.len && mh_is_digit(text.p[i]); i++)
				number = number < 1000000000 ? number * 10 + (text.p[i] - '0') : number;
			/* "1,000" and "10 000" are one number, "3.2.1" is none */
			while (i + 3 < text.len && (text.p[i] == ',' || text.p[i] == '\'') &&
			    i - begin <= 3 && mh_is_digit(text.p[i + 1]) && mh_is_digit(text.p[i + 2]) &&
			    mh_is_digit(text.p[i + 3]) && !(i + 4 < text.len && mh_is_digit(text.p[i + 4]))) {
				number = number * 1000 + (text.p[i + 1] - '0') * 100 +
				    (text.p[i + 2] - '0') * 10 + (text.p[i + 3] - '0');
				i += 4;
			}
			bool dotted = i + 1 < text.len && text.p[i] == '.' && mh_is_digit(text.p[i + 1]);
			bool within = begin > 0 &&
			    (mh_is_alnum(text.p[begin - 1]) || text.p[begin - 1] == '.') &&
			    !follows_number(tokens, begin);
			if (dotted || within) {
				while (i < text.len && (mh_is_alnum(text.p[i]) || text.p[i] == '.'))
					i++;
				continue;
			}
			token->number = number;
		} else if (mh_is_alpha(c) || c >= 0x80) {
			fold_into(token, text, &i);
			if (token->word[0] == '\0') {
				i++;
				continue;
			}
		} else {
			i++;
			continue;
		}
		token->end = (uint32_t)i;
		tokens->count++;
	}
}

/* is_one_of - whether a word is in a list of words parted by spaces, where "foo*" is every word that
 * begins so.  One string, since a table of pointers would be written at every start. */
static bool
is_one_of(const char *word, const char *list)
{
	size_t len = strlen(word);
	while (*list != '\0') {
		size_t n = 0;
		while (list[n] != ' ' && list[n] != '\0')
			n++;
		bool stem = list[n - 1] == '*';
		size_t letters = n - stem;
		if (len > 0 && (stem ? len >= letters : len == letters) && memcmp(word, list, letters) == 0)
			return true;
		list += n + (list[n] == ' ');
	}
	return false;
}

/* --------------------------------------------------------------------------- durations */

static const char seconds[] =
    "s sec secs second seconds sekunde sekunden seconde secondes segundo segundos secondo "
    "secondi seconden sekunder sekund* sekundi сек* 秒";
static const char minutes[] =
    "m min mins minute minutes minuten minuto minutos minuti minuut minuter minutter minut* мин* "
    "分";
static const char hours[] =
    "h hr hrs hour hours hourly heure heures stunde stunden std hora horas ora ore uur uren "
    "timmar timer timme time godzin* hodin* час* 時 小 时";
static const char days[] =
    "d day days daily jour jours tag tage tagen dia dias giorno giorni dag dage dagen dagar doba "
    "dni dzien dnu сут* день дня дней 日 天";
static const char weeks[] = "week weeks woche wochen semaine semaines semana semanas settimana settimane";
static const char months[] = "month months monat monate mois mes meses mese mesi";

static int64_t
unit_s(const struct token *token)
{
	const char *w = token->word;
	if (token->number >= 0)
		return 0;
	return is_one_of(w, seconds) ? 1
	    : is_one_of(w, minutes)  ? 60
	    : is_one_of(w, hours)    ? 3600
	    : is_one_of(w, days)     ? 86400
	    : is_one_of(w, weeks)    ? 7 * 86400
	    : is_one_of(w, months)   ? 30 * 86400
				     : 0;
}

/* duration - seconds of the duration whose number is token *i, which moves behind it; 0: none */
static int64_t
duration(const struct tokens *tokens, size_t *i)
{
	static const char joins[] = "and und et y e en og och и";
	int64_t total = 0, last_unit = INT64_MAX;
	size_t at = *i;
	while (at + 1 < tokens->count && tokens->at[at].number >= 0) {
		int64_t unit = unit_s(&tokens->at[at + 1]);
		if (unit == 0 || unit >= last_unit || tokens->at[at].number > 100000000)
			break;
		/* one letter is a unit only right at its number: "5m", not "5 m" */
		if (tokens->at[at + 1].word[1] == '\0' && tokens->at[at + 1].begin != tokens->at[at].end)
			break;
		total += tokens->at[at].number * unit;
		last_unit = unit;
		at += 2;
		if (at < tokens->count && strcmp(tokens->at[at].word, "s") == 0) /* "minute(s)" */
			at++;
		*i = at;
		if (at + 1 < tokens->count && is_one_of(tokens->at[at].word, joins) &&
		    tokens->at[at + 1].number >= 0)
			at++;
	}
	return total;
}

static const char wait_words[] =
    "again retry* retries wait* later after delay* greylist* graylist* grey resend reconnect* "
    "come riprov* attend* erneut warte* versuch* reessay* patient* reintent* espere* intent* "
    "tent* aguard* novamente opnieuw wacht* igen zkuste ponow* повтор* попроб* 再 試 试 後 后 "
    "postpon* deferr* until try throttl* locked blocked tarpit* penalty unblock* expire* remain*";
static const char again_words[] = "opnieuw nogmaals nog weer terug";
static const char window_words[] =
    "per every each within last past pro par por je than during ogni za за than older over";

/* find_wait - the first duration that one is asked to wait */
static int64_t
find_wait(const struct tokens *tokens)
{
	for (size_t i = 0; i < tokens->count; i++) {
		size_t behind = i;
		int64_t length = tokens->at[i].number >= 0 ? duration(tokens, &behind) : 0;
		if (length == 0)
			continue;
		bool window = i > 0 && is_one_of(tokens->at[i - 1].word, window_words), wait = false;
		if (window && behind < tokens->count && strcmp(tokens->at[i - 1].word, "over") == 0 &&
		    is_one_of(tokens->at[behind].word, again_words))
			window = false; /* Dutch: "over 3 minuten opnieuw" */
		for (size_t k = i > 8 ? i - 8 : 0; k < i && !wait; k++)
			wait = is_one_of(tokens->at[k].word, wait_words);
		for (size_t k = behind; k < tokens->count && k < behind + 4 && !wait; k++)
			wait = is_one_of(tokens->at[k].word, wait_words);
		if (wait && !window)
			return length;
		i = behind > i ? behind - 1 : i;
	}
	return -1;
}

/* ------------------------------------------------------------------------------ limits */

static const char limit_words[] =
    "limit* max* exceed* allow* quota rate many most permit* maximal* uberschritten hochstens "
    "superato depass* superad* excedid* threshold more only reached лимит* frequency concurrent "
    "recipients throttl*";
static const char count_words[] =
    "message* mail* email* recipient* connection* session* rcpt* nachricht* empfanger* destinat* "
    "messaggi* mensaje* mensag* correo* verbindung* письм* сообщ* attempt* delivery deliveries "
    "connexion* connession* conexion*";
static const char per_words[] =
    "per a an each every in within pro par por al alla je all за в during dans innerhalb last "
    "the";

/* what_of - what a limit counts by, as a word says; "" none of these */
static const char *
what_of(const char *word)
{
	if (is_one_of(word, "ip* host client"))
		return "ip";
	if (is_one_of(word, "sender user account absender mittente remitente expediteur"))
		return "sender";
	if (is_one_of(word, "recipient mailbox empfanger destinataire destinatario"))
		return "recipient";
	if (is_one_of(word, "domain"))
		return "domain";
	return is_one_of(word, "connection session transaction message mail email") ? "connection" : "";
}

/* read_limit - the limit whose count is token i, if it is one */
static bool
read_limit(const struct tokens *tokens, size_t i, struct mh_limit *limit)
{
	size_t k = i + 1, stop = i + 7 < tokens->count ? i + 7 : tokens->count;
	bool counted = false;
	*limit = (struct mh_limit){ tokens->at[i].number, -1, "" };
	for (; k < stop; k++) {
		const struct token *token = &tokens->at[k];
		if (token->number >= 0)
			break; /* the next figure */
		counted |= is_one_of(token->word, count_words);
		if (is_one_of(token->word, per_words) && k + 1 < tokens->count) {
			size_t behind = k + 1;
			int64_t length = tokens->at[k + 1].number >= 0 ? duration(tokens, &behind)
								       : unit_s(&tokens->at[k + 1]);
			if (length > 0 && limit->per_s < 0) {
				limit->per_s = length;
				k = behind > k + 1 ? behind - 1 : k + 1;
			} else if (strcmp(token->word, "per") == 0 || strcmp(token->word, "each") == 0) {
				limit->what = what_of(tokens->at[k + 1].word);
			}
		} else if (unit_s(token) > 0 &&
		    (strcmp(token->word, "hourly") == 0 || strcmp(token->word, "daily") == 0)) {
			limit->per_s = unit_s(token);
		}
	}
	if (limit->per_s < 0 && (!counted || limit->what[0] == '\0'))
		return false;
	if (limit->what[0] != '\0')
		return true;
	/* what is counted, if it is not said behind "per": the nearest such word before */
	for (size_t n = i; n-- > 0 && limit->what[0] == '\0' && i - n < 12;) {
		const char *what = what_of(tokens->at[n].word);
		if (strcmp(what, "connection") != 0)
			limit->what = what;
	}
	return true;
}

static void
find_limits(struct mh_facts *facts, const struct tokens *tokens)
{
	bool about_limits = false;
	for (size_t i = 0; i < tokens->count && !about_limits; i++)
		about_limits = is_one_of(tokens->at[i].word, limit_words);
	for (size_t i = 0; i < tokens->count && about_limits && facts->limit_count < MH_FACTS_LIMITS; i++)
		if (tokens->at[i].number > 0 && read_limit(tokens, i, &facts->limits[facts->limit_count]))
			facts->limit_count++;
}

/* --------------------------------------------------------------------------------- ids */

static bool
is_id_octet(char c)
{
	return mh_is_alnum(c) || c == '-' || c == '_' || c == '.' || c == ':' || c == '+' || c == '/' ||
	    c == '=';
}

/* looks_like_id - letters and digits mixed, or long and hexadecimal; no date, time or size */
static bool
looks_like_id(struct mh_str s, bool asked)
{
	size_t digits = 0, letters = 0, others = 0;
	for (size_t i = 0; i < s.len; i++) {
		digits += mh_is_digit(s.p[i]);
		letters += mh_is_alpha(s.p[i]);
		others += !mh_is_alnum(s.p[i]);
	}
	if (s.len < 3 || s.len > 96 || digits == 0 || others * 2 > s.len)
		return false;
	if (letters == 0)
		return asked && digits >= 3 && others <= 2;
	return asked || s.len >= 4;
}

static void
add_id(struct mh_facts *facts, size_t begin, size_t end)
{
	for (size_t i = 0; i < facts->id_count; i++)
		if (begin < facts->ids[i].end && end > facts->ids[i].begin)
			return;
	if (facts->id_count < MH_FACTS_IDS) {
		facts->ids[facts->id_count].begin = (uint32_t)begin;
		facts->ids[facts->id_count++].end = (uint32_t)end;
	}
}

/* is_code_shape - capitals and then digits, as receivers name their own reasons: S3150, TSS04, OFR_416 */
static bool
is_code_shape(struct mh_str s)
{
	size_t i = 0, letters, digits;
	while (i < s.len && s.p[i] >= 'A' && s.p[i] <= 'Z')
		i++;
	letters = i;
	if (i < s.len && (s.p[i] == '_' || s.p[i] == '-'))
		i++;
	for (digits = 0; i < s.len && (mh_is_digit(s.p[i]) || s.p[i] == '_'); i++)
		digits += mh_is_digit(s.p[i]);
	return letters >= 1 && letters <= 6 && digits >= 2 && digits <= 10 && i == s.len;
}

static void
find_ids(struct mh_facts *facts, struct mh_str text, const struct mh_scan *scan)
{
	static const char *const cues[] = { "id", "ref", "reference", "ticket", "case", "incident", "code",
		"queue", "error" };
	uint32_t entity = 0, line = 0;
	bool cue = false;
	for (size_t i = 0; i < text.len;) {
		while (line < scan->line_count && scan->lines[line].text <= i)
			line++;
		if (line < scan->line_count && i >= scan->lines[line].begin) {
			i = scan->lines[line].text > i ? scan->lines[line].text : i + 1;
			continue;
		}
		while (entity < scan->entity_count && scan->entities[entity].end <= i)
			entity++;
		if (entity < scan->entity_count && i >= scan->entities[entity].begin &&
		    (scan->entities[entity].kind != MH_ENTITY_NUMBER)) {
			i = scan->entities[entity].end;
			cue = false;
			continue;
		}
		if (!mh_is_alnum(text.p[i])) {
			i++;
			continue;
		}
		size_t begin = i;
		for (; i < text.len && is_id_octet(text.p[i]); i++) {
			while (entity < scan->entity_count &&
			    scan->entities[entity].kind == MH_ENTITY_NUMBER &&
			    scan->entities[entity].begin <= i)
				entity++;
			if (entity < scan->entity_count && i > begin && i == scan->entities[entity].begin)
				break;
		}
		size_t end = i;
		while (end > begin && !mh_is_alnum(text.p[end - 1]) && text.p[end - 1] != '=')
			end--;
		struct mh_str token = mh_str_n(text.p + begin, end - begin);
		size_t sign = 0; /* "id=22-3" */
		while (sign < token.len && token.p[sign] != '=' && token.p[sign] != ':')
			sign++;
		if (sign > 0 && sign + 1 < token.len && sign < 16 && !mh_is_digit(token.p[0])) {
			cue = false;
			for (size_t k = 0; k < MH_COUNT(cues); k++)
				cue |= mh_str_ieq(mh_str_n(token.p, sign), mh_str_z(cues[k]));
			begin += sign + 1;
			token = mh_str_n(text.p + begin, end - begin);
		}
		char before = begin > 0 ? text.p[begin - 1] : ' ', after = end < text.len ? text.p[end] : ' ';
		bool bracketed = (before == '[' && after == ']') || (before == '(' && after == ')') ||
		    (before == '{' && after == '}');
		bool gsmtp = mh_str_istarts(mh_str_n(text.p + end, text.len - end), MH_STR(" - gsmtp"));
		struct mh_status status;
		if (mh_status_read(token.p, token.p + token.len, &status) == 0 &&
		    (is_code_shape(token) || looks_like_id(token, cue || gsmtp)) &&
		    (bracketed || cue || gsmtp || is_code_shape(token)))
			add_id(facts, begin, end);
		bool is_cue = false;
		for (size_t k = 0; k < MH_COUNT(cues); k++)
			is_cue |= mh_str_ieq(token, mh_str_z(cues[k]));
		cue = is_cue;
	}
}

void
mh_facts_read(struct mh_facts *facts, struct mh_str text, const struct mh_scan *scan)
{
	struct tokens tokens;
	facts->retry_after_s = -1;
	facts->limit_count = facts->id_count = 0;
	read_tokens(&tokens, text, scan);
	bool numbers = false;
	for (size_t i = 0; i < tokens.count && !numbers; i++)
		numbers = tokens.at[i].number >= 0;
	if (numbers) {
		facts->retry_after_s = find_wait(&tokens);
		find_limits(facts, &tokens);
	}
	find_ids(facts, text, scan);
}

/* ---------------------------------------------------------------------------- template */

static uint64_t
mix(uint64_t hash, unsigned char octet)
{
	return (hash ^ octet) * 1099511628211u;
}

uint64_t
mh_template_hash(struct mh_str text, const struct mh_scan *scan, int code, struct mh_status status)
{
	uint64_t hash = 14695981039346656037u;
	uint32_t entity = 0, line = 0;
	char last = 0; /* of what went in: 'a' a word, '#' data; 0 nothing yet */
	bool gap = false; /* separators since then: they count only between two things */
	const int parts[] = { code, status.class, status.subject, status.detail };
	for (size_t i = 0; i < MH_COUNT(parts); i++)
		hash = mix(mix(hash, (unsigned char)(parts[i] & 0xff)), (unsigned char)(parts[i] >> 8));
	for (size_t i = 0, next; i < text.len; i = next) {
		char kind = 0;
		next = i + 1;
		while (line < scan->line_count && scan->lines[line].text <= i)
			line++;
		while (entity < scan->entity_count && scan->entities[entity].end <= i)
			entity++;
		if (line < scan->line_count && i >= scan->lines[line].begin && scan->lines[line].text > i) {
			next = scan->lines[line]
				   .text; /* codes of further lines: how a reply was folded does not matter */
		} else if (entity < scan->entity_count && i >= scan->entities[entity].begin) {
			next = scan->entities[entity].end;
			kind = '#';
		} else if (mh_is_alnum(text.p[i])) {
			kind = 'a';
			for (next = i; next < text.len && (mh_is_alnum(text.p[next]) || text.p[next] == '_');
			     next++)
				if (mh_is_digit(text.p[next]))
					kind = '#';
		} else if ((unsigned char)text.p[i] >= 0x80) {
			kind = 'a';
		}
		if (kind == 0) {
			gap = true;
			continue;
		}
		if (gap && last != 0)
			hash = mix(hash, ' ');
		if (kind == '#' && (gap || last != '#'))
			hash = mix(hash, '#');
		for (size_t k = i; k < next && kind == 'a'; k++)
			hash = mix(hash, (unsigned char)mh_lower(text.p[k]));
		last = kind;
		gap = false;
	}
	return hash;
}
