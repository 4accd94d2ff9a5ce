/* SPDX-License-Identifier: MIT */
/* json - write JSON into a text, one value after the other. */

#ifndef CORE_BASE_JSON_H
#define CORE_BASE_JSON_H

#include <stdint.h>

#include "core/base/text.h"

enum { JSON_DEEP = 32 };

/* Zero-initialise with .out set.  Commas are put by the writer; at most
 * JSON_DEEP levels deep. */
struct json {
	struct text *out;
	int depth;
	unsigned char more[JSON_DEEP];	/* does this level have a value already? */
};

void json_object(struct json *);	/* { */
void json_array(struct json *);		/* [ */
void json_end(struct json *);		/* } or ] */
void json_key(struct json *, const char *);
void json_string(struct json *, const char *, size_t n);	/* invalid UTF-8 reads U+FFFD */
void json_text(struct json *, const char *);			/* NULL: null */
void json_int(struct json *, int64_t);
void json_uint(struct json *, uint64_t);
void json_real(struct json *, double);	/* 17 digits at most; not finite: null */
void json_bool(struct json *, int);
void json_null(struct json *);
void json_raw(struct json *, const char *, size_t n);	/* a value, already JSON */

/* key and value in one */
void json_kint(struct json *, const char *, int64_t);
void json_kuint(struct json *, const char *, uint64_t);
void json_kreal(struct json *, const char *, double);
void json_ktext(struct json *, const char *, const char *);
void json_kbool(struct json *, const char *, int);
void json_kseconds(struct json *, const char *, uint64_t ns);	/* exact: 1.234567890 */

#endif
