/* alabel.c - international domain names as DNS has them
 *
 * Labels are encoded as RFC 3492 6.3 has it.  Code points are few, at most 63
 * in a label, so they are simply searched for the next one.
 */
#include "alabel.h"

#include "dname.h"
#include "text.h"

#define NAME_MAX_OCTETS 1024 /* of UTF-8; what is longer cannot become a name */
#define LABEL_MAX 256

/* The numbers of RFC 3492 5. */
enum { BASE = 36, TMIN = 1, TMAX = 26, SKEW = 38, DAMP = 700, BIAS = 72, FIRST = 128 };

struct output {
	char *p;
	size_t len, max;
	bool is_full;
};

static void
put(struct output *out, char c)
{
	if (out->len == out->max)
		out->is_full = true;
	else
		out->p[out->len++] = c;
}

/* adapt - RFC 3492 6.1 */
static uint32_t
adapt(uint32_t delta, uint32_t points, bool is_first)
{
	uint32_t k = 0;
	delta = is_first ? delta / DAMP : delta / 2;
	delta += delta / points;
	for (; delta > ((BASE - TMIN) * TMAX) / 2; k += BASE)
		delta /= BASE - TMIN;
	return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

/* put_number - a generalised variable-length integer (RFC 3492 3.3) */
static void
put_number(struct output *out, uint32_t number, uint32_t bias)
{
	for (uint32_t k = BASE;; k += BASE) {
		uint32_t t = k <= bias ? TMIN : k >= bias + TMAX ? TMAX : k - bias;
		uint32_t digit = number < t ? number : t + (number - t) % (BASE - t);
		put(out, (char)(digit < 26 ? 'a' + digit : '0' + (digit - 26)));
		if (number < t)
			return;
		number = (number - t) / (BASE - t);
	}
}

/* next_point - the smallest code point of at least least */
static uint32_t
next_point(const uint32_t *points, size_t count, uint32_t least)
{
	uint32_t found = UINT32_MAX;
	for (size_t i = 0; i < count; i++) {
		if (points[i] >= least && points[i] < found)
			found = points[i];
	}
	return found;
}

/* put_encoded - a label's code points as Punycode */
static void
put_encoded(struct output *out, const uint32_t *points, uint32_t count)
{
	uint32_t n = FIRST, delta = 0, bias = BIAS, basic = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (points[i] < FIRST) {
			put(out, mh_lower((char)points[i]));
			basic++;
		}
	}
	uint32_t done = basic;
	if (basic > 0)
		put(out, '-');
	while (done < count && !out->is_full) {
		uint32_t next = next_point(points, count, n);
		delta += (next - n) * (done + 1); /* at most 0x10ffff times LABEL_MAX: it fits */
		n = next;
		for (uint32_t i = 0; i < count; i++) {
			delta += points[i] < n;
			if (points[i] != n)
				continue;
			put_number(out, delta, bias);
			bias = adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
		delta++;
		n++;
	}
}

/* put_label - one label, encoded if it is not ASCII; false: it is not UTF-8 or too long */
static bool
put_label(struct output *out, struct mh_str label)
{
	uint32_t points[LABEL_MAX], count = 0;
	if (mh_ascii_prefix(label) == label.len) {
		for (size_t i = 0; i < label.len; i++)
			put(out, label.p[i]);
		return true;
	}
	for (size_t i = 0; i < label.len; count++) {
		int len = count < LABEL_MAX ? mh_utf8_get(label.p + i, label.len - i, &points[count]) : 0;
		if (len == 0)
			return false;
		i += (size_t)len;
	}
	for (const char *prefix = "xn--"; *prefix != '\0'; prefix++)
		put(out, *prefix);
	put_encoded(out, points, count);
	return true;
}

struct mh_str
mh_alabel_name(struct mh_arena *arena, struct mh_str name)
{
	if (name.len > NAME_MAX_OCTETS || mh_ascii_prefix(name) == name.len)
		return name;
	struct output out = { .max = 4 * NAME_MAX_OCTETS };
	out.p = mh_arena_alloc(arena, out.max);
	if (out.p == NULL)
		return (struct mh_str){ NULL, 0 };
	while (name.len > 0) {
		const char *dot = memchr(name.p, '.', name.len);
		size_t len = dot != NULL ? (size_t)(dot - name.p) : name.len;
		if (!put_label(&out, mh_str_n(name.p, len)))
			return name;
		if (dot != NULL)
			put(&out, '.');
		name.p += len + (dot != NULL);
		name.len -= len + (dot != NULL);
	}
	return mh_str_n(out.p, out.len);
}

struct mh_str
mh_alabel_canonical(struct mh_arena *arena, struct mh_str text)
{
	char canonical[MH_DNAME_TEXT_MAX];
	struct mh_ip ip;
	struct mh_str name =
	    mh_name_valid(text) && !mh_ip_parse(text, &ip) ? mh_alabel_name(arena, text) : MH_STR("");
	size_t len = name.len > 0 ? mh_dname_canonical(name, canonical) : 0;

	if (name.p == NULL)
		return name;
	/* An octet that had to be escaped is of no domain that mail has. */
	if (len == 0 || len > MH_NAME_MAX || memchr(canonical, '\\', len) != NULL)
		return MH_STR("");
	char *kept = mh_arena_alloc(arena, len + 1);
	if (kept == NULL)
		return (struct mh_str){ NULL, 0 };
	memcpy(kept, canonical, len + 1);
	return mh_str_n(kept, len);
}
