#include "common/admin/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

namespace angophora::admin {
namespace {

using ::testing::HasSubstr;

TEST(Metrics, WritesCountersWithHelpTypeAndLabels) {
  Metrics metrics;
  metrics.counter("requests_total", "Requests answered.", {{"action", "RunInstances"}}).add(3);
  EXPECT_EQ(metrics.text(),
            "# HELP requests_total Requests answered.\n"
            "# TYPE requests_total counter\n"
            "requests_total{action=\"RunInstances\"} 3\n");
}

TEST(Metrics, GivesTheSameCounterForTheSameNameAndLabels) {
  Metrics metrics;
  EXPECT_EQ(&metrics.counter("a", "", {{"x", "1"}}), &metrics.counter("a", "", {{"x", "1"}}));
  EXPECT_NE(&metrics.counter("a", "", {{"x", "1"}}), &metrics.counter("a", "", {{"x", "2"}}));
}

TEST(Metrics, EscapesWhatWouldBreakALine) {
  Metrics metrics;
  metrics.gauge("g", "two\nlines \\", {{"l", "a\"b\\c\nd"}}).set(1.5);
  EXPECT_EQ(metrics.text(),
            "# HELP g two\\nlines \\\\\n"
            "# TYPE g gauge\n"
            "g{l=\"a\\\"b\\\\c\\nd\"} 1.5\n");
}

TEST(Metrics, CountsIntoGrowingBuckets) {
  Metrics metrics;
  auto& histogram = metrics.histogram("took_seconds", "Time.", {{"op", "get"}}, {0.1, 1});
  for (const double value : {0.05, 0.1, 0.5, 7.0}) histogram.observe(value);
  const auto text = metrics.text();
  EXPECT_THAT(text, HasSubstr("took_seconds_bucket{op=\"get\",le=\"0.1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_bucket{op=\"get\",le=\"1\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_bucket{op=\"get\",le=\"+Inf\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_sum{op=\"get\"} 7.65\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_count{op=\"get\"} 4\n"));
}

TEST(Metrics, AsksComputedGaugesWhenRead) {
  Metrics metrics;
  double value = 1;
  metrics.gauge_of("depth", "Depth.", [&] { return value; });
  value = 2;
  EXPECT_THAT(metrics.text(), HasSubstr("depth 2\n"));
}

TEST(Metrics, RefusesBadNamesAndChangedKinds) {
  Metrics metrics;
  metrics.counter("a", "");
  EXPECT_THROW(metrics.gauge("a", ""), std::logic_error);
  EXPECT_THROW(metrics.counter("1a", ""), std::logic_error);
  EXPECT_THROW(metrics.counter("b", "", {{"bad-label", "x"}}), std::logic_error);
}

TEST(Metrics, KeepsNothingOfAFamilyWithABadName) {
  Metrics metrics;
  EXPECT_THROW(metrics.counter("a b", ""), std::logic_error);
  EXPECT_EQ(metrics.text(), "");
}

TEST(Metrics, LosesNoCountsBetweenThreads) {
  Metrics metrics;
  const auto work = [&] {
    for (int i = 0; i < 10000; ++i) metrics.counter("n", "").add();
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_EQ(metrics.counter("n", "").value(), 20000u);
}

}  // namespace
}  // namespace angophora::admin
