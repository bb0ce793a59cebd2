/* SPDX-License-Identifier: GPL-2.0-only */
/* As much of KUnit as control_kunit.c uses, in user space */
#ifndef FUZZ_KUNIT_H
#define FUZZ_KUNIT_H

#include "stubs.h"

struct kunit {
	unsigned int failures;
};

struct kunit_case {
	void (*run)(struct kunit *test);
	const char *name;
};

struct kunit_suite {
	const char *name;
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
};

#define KUNIT_CASE(f) { f, #f }
#define KUNIT_FAIL_AT(test, ok, what, ...)				\
do {									\
	if (!(ok)) {							\
		(test)->failures++;					\
		printf("    # %s:%d: %s", __FILE__, __LINE__, what);	\
		printf("" __VA_ARGS__);					\
		printf("\n");						\
	}								\
} while (0)
#define KUNIT_EXPECT_TRUE_MSG(test, a, ...) KUNIT_FAIL_AT(test, a, #a " ", __VA_ARGS__)
#define KUNIT_EXPECT_EQ_MSG(test, a, b, ...) KUNIT_FAIL_AT(test, (a) == (b), #a " == " #b " ", __VA_ARGS__)
#define KUNIT_EXPECT_STREQ_MSG(test, a, b, ...) KUNIT_FAIL_AT(test, !strcmp(a, b), #a " streq " #b " ", __VA_ARGS__)
#define KUNIT_EXPECT_NOT_NULL_MSG(test, a, ...) KUNIT_FAIL_AT(test, a, #a " not null ", __VA_ARGS__)
#define KUNIT_EXPECT_NOT_NULL(test, a) KUNIT_FAIL_AT(test, a, #a " not null")
#define KUNIT_EXPECT_NULL(test, a) KUNIT_FAIL_AT(test, !(a), #a " null")
#define KUNIT_EXPECT_EQ(test, a, b) KUNIT_FAIL_AT(test, (a) == (b), #a " == " #b)
#define KUNIT_EXPECT_STREQ(test, a, b) KUNIT_FAIL_AT(test, !strcmp(a, b), #a " streq " #b)
#define KUNIT_ASSERT_EQ KUNIT_EXPECT_EQ

#define kunit_test_suite(suite)						\
int main(void)								\
{									\
	struct kunit_case *c;						\
	unsigned int failed = 0;					\
									\
	for (c = suite.test_cases; c->run; c++) {			\
		struct kunit test = { 0 };				\
									\
		if (suite.init)						\
			suite.init(&test);				\
		c->run(&test);						\
		if (suite.exit)						\
			suite.exit(&test);				\
		printf("%s %s\n", test.failures ? "not ok" : "ok", c->name); \
		failed += !!test.failures;				\
	}								\
	return failed != 0;						\
}									\
_Static_assert(1, "")

#endif
