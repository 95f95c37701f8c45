// SPDX-License-Identifier: GPL-2.0
/* next_id and shared memory segments: see ipc.h. */
#define KIND 2
#include "ipc.h"
