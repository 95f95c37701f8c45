// SPDX-License-Identifier: GPL-2.0
/* The same as off.c, by way of the system call ipc(), which only 32-bit programs have. */
#define ENTRY_IPC
#include "off.c"
