/* SPDX-License-Identifier: MIT */
/* places - where a system and a user keep settings and runs. */

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/xalloc.h"
#include "core/job/draft.h"

/* What a variable says, if it says something. */
const char *
draft_env(const char *name)
{
	const char *s = secure_getenv(name);

	return s && *s ? s : NULL;
}

/* A folder of the XDG base directories; relative ones do not count. */
static char *
xdg(const char *name, const char *below_home)
{
	const char *dir = draft_env(name), *home = draft_env("HOME");
	struct passwd *me;

	if (dir && *dir == '/')
		return xstrdup(dir);
	me = home ? NULL : getpwuid(getuid());
	return xasprintf("%s/%s", home ? home : me ? me->pw_dir : "", below_home);
}

static char *
joined(char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);

	free(dir);
	return path;
}

char *
job_default_store(void)
{
	const char *said = draft_env("HEDDLE_RUNS");

	return said ? xstrdup(said) : joined(xdg("XDG_STATE_HOME", ".local/state"), "heddle/runs");
}

char *
job_system_settings(void)
{
	return xstrdup(SYSCONF_DIR "/heddle/settings.ini");
}

char *
job_user_settings(void)
{
	const char *said = draft_env("HEDDLE_CONFIG");

	return said ? xstrdup(said) : joined(xdg("XDG_CONFIG_HOME", ".config"), "heddle/settings.ini");
}
