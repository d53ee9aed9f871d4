/* port.h - the one place where a compiler is named */
#ifndef MH_PORT_H
#define MH_PORT_H

#if defined(__GNUC__) || defined(__clang__)
#define MH_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define MH_LIKELY(x) __builtin_expect(!!(x), 1)
#define MH_NOINLINE __attribute__((noinline))
#define MH_PREFETCH(p) __builtin_prefetch(p)
#else
#define MH_UNLIKELY(x) (x)
#define MH_LIKELY(x) (x)
#define MH_NOINLINE
#define MH_PREFETCH(p) ((void)0)
#endif

#define MH_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
