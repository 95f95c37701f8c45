// SPDX-License-Identifier: GPL-2.0
/* next_id and semaphore sets: see ipc.h. */
#define KIND 1
#include "ipc.h"
