#include "walrus/domain/listing.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace angophora::walrus {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Row {
  std::string key;
  std::string id;
};
std::string sub_of(const Row& row) { return row.id; }

struct Names {
  std::vector<std::string> keys, prefixes;
  bool truncated = false;
};

class Listing : public testing::Test {
 protected:
  ListPage<Row> page(const ListQuery& query) {
    return list_page<Row>(
               query,
               [&](const ListPosition& from, std::size_t limit) {
                 ++fetches;
                 std::vector<Row> found;
                 for (const auto& row : rows) {
                   const auto at = std::pair(row.key, row.id);
                   const auto start = std::pair(from.key, from.sub);
                   if ((at > start || (from.inclusive && at >= start)) && found.size() < limit)
                     found.push_back(row);
                 }
                 return common::Result<std::vector<Row>>(found);
               })
        .value();
  }
  Names names(const ListQuery& query) {
    const auto p = page(query);
    Names result{{}, p.prefixes, p.truncated};
    for (const auto& row : p.rows) result.keys.push_back(row.key);
    return result;
  }
  void keys(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    for (auto& name : names) rows.push_back({name, ""});
  }

  std::vector<Row> rows;
  int fetches = 0;
};

TEST_F(Listing, GivesAllKeysInOrder) {
  keys({"b", "a", "c"});
  EXPECT_THAT(names({}).keys, ElementsAre("a", "b", "c"));
  EXPECT_EQ(fetches, 1);
}

TEST_F(Listing, GivesKeysOfAPrefixAlone) {
  keys({"a/1", "a/2", "b/1"});
  EXPECT_THAT(names({.prefix = "a/"}).keys, ElementsAre("a/1", "a/2"));
  EXPECT_THAT(names({.prefix = "z"}).keys, IsEmpty());
}

TEST_F(Listing, RollsUpAtTheDelimiterAndSkipsWhatIsBelow) {
  for (int i = 0; i < 5000; ++i) rows.push_back({"big/" + std::to_string(10000 + i), ""});
  rows.push_back({"c", ""});
  const auto got = names({.delimiter = "/", .count_max = 10});
  EXPECT_THAT(got.prefixes, ElementsAre("big/"));
  EXPECT_THAT(got.keys, ElementsAre("c"));
  EXPECT_FALSE(got.truncated);
  EXPECT_EQ(fetches, 2);
}

TEST_F(Listing, RollsUpBehindThePrefixOnly) {
  keys({"x/a/1", "x/b", "x/c/1"});
  const auto got = names({.prefix = "x/", .delimiter = "/"});
  EXPECT_THAT(got.prefixes, ElementsAre("x/a/", "x/c/"));
  EXPECT_THAT(got.keys, ElementsAre("x/b"));
}

TEST_F(Listing, TakesDelimitersOfSeveralLetters) {
  keys({"a--b", "a-c"});
  const auto got = names({.delimiter = "--"});
  EXPECT_THAT(got.prefixes, ElementsAre("a--"));
  EXPECT_THAT(got.keys, ElementsAre("a-c"));
}

TEST_F(Listing, PagesMeetWithoutGapOrRepetition) {
  keys({"a", "b/1", "b/2", "c", "d/1", "e"});
  std::vector<std::string> seen;
  ListQuery query{.delimiter = "/", .count_max = 1};
  for (;;) {
    const auto p = page(query);
    for (const auto& row : p.rows) seen.push_back(row.key);
    for (const auto& prefix : p.prefixes) seen.push_back(prefix);
    if (!p.truncated) break;
    query.after_key = p.next_key;
  }
  EXPECT_THAT(seen, ElementsAre("a", "b/", "c", "d/", "e"));
}

TEST_F(Listing, AMarkerInsideOfAGroupKeepsTheGroup) {
  keys({"b/1", "b/2", "c"});
  const auto got = names({.delimiter = "/", .after_key = "b/1"});
  EXPECT_THAT(got.prefixes, ElementsAre("b/"));
}

TEST_F(Listing, AMarkerBeforeThePrefixChangesNothing) {
  keys({"b/1", "c"});
  EXPECT_THAT(names({.prefix = "b/", .after_key = "a"}).keys, ElementsAre("b/1"));
  EXPECT_THAT(names({.prefix = "b/", .after_key = "z"}).keys, IsEmpty());
}

TEST_F(Listing, AnExactlyFullPageIsNotTruncated) {
  keys({"a", "b"});
  EXPECT_FALSE(names({.count_max = 2}).truncated);
  EXPECT_TRUE(names({.count_max = 1}).truncated);
  EXPECT_FALSE(names({.count_max = 0}).truncated);
}

TEST_F(Listing, PagesThroughSeveralRowsOfOneKey) {
  rows = {{"k", "1"}, {"k", "2"}, {"k", "3"}};
  const auto first = page({.count_max = 2});
  EXPECT_EQ(first.next_sub, "2");
  const auto second =
      page({.after_key = first.next_key, .after_sub = first.next_sub, .count_max = 2});
  ASSERT_EQ(second.rows.size(), 1u);
  EXPECT_EQ(second.rows[0].id, "3");
}

TEST_F(Listing, KnowsWhatSortsBehindAPrefix) {
  EXPECT_EQ(behind_prefix("a/"), "a0");
  EXPECT_EQ(behind_prefix("a\xff"), "b");
  EXPECT_EQ(behind_prefix("\xff\xff"), "");
}

}  // namespace
}  // namespace angophora::walrus
