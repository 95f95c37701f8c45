// SPDX-License-Identifier: GPL-2.0
/* next_id and message queues: see ipc.h. */
#define KIND 0
#include "ipc.h"
