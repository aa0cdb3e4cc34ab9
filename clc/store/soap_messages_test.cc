// The memory of SOAP messages.
#include "clc/store/soap_messages.h"

#include <gtest/gtest.h>

#include "clc/store/migrations.h"
#include "common/runtime/sim_runtime.h"

namespace angophora::clc {
namespace {
using namespace std::chrono_literals;

class SoapMemory : public ::testing::Test {
 public:
  SoapMemory() {
    db::Options options;
    options.path = ":memory:";
    options.inline_io = true;
    database = db::Database::open(runtime, options, kMigrations).value();
  }
  Remembered remember(const std::string& user, const std::string& digest) {
    const auto now = runtime.now();
    const auto keep = [=](Tx& tx) {
      return SoapMessages(tx).remember(UserId(user), digest, now + 10min, now);
    };
    return world.run<Result<Remembered>>(runtime, database->write(keep)).value();
  }

  common::SimWorld world{1};
  common::SimRuntime runtime{world, "clc"};
  std::unique_ptr<db::Database> database;
};

TEST_F(SoapMemory, KnowsAMessageThatComesAgain) {
  EXPECT_EQ(remember("ana", "digest"), Remembered::first_time);
  EXPECT_EQ(remember("ana", "digest"), Remembered::came_before);
  EXPECT_EQ(remember("ana", "other"), Remembered::first_time);
  // Whoever sends it: a digest covers what only its signer could have made.
  EXPECT_EQ(remember("ben", "digest"), Remembered::came_before);
}

TEST_F(SoapMemory, ForgetsWhenTheTimeHasCome) {
  remember("ana", "digest");
  world.run_for(10min);
  EXPECT_EQ(remember("ana", "digest"), Remembered::came_before);
  world.run_for(1s);
  EXPECT_EQ(remember("ana", "digest"), Remembered::first_time);
}

TEST_F(SoapMemory, HasRoomForSoManyOfOneUser) {
  const auto fill = [now = runtime.now()](Tx& tx) -> Result<> {
    TRY(auto q, tx.prepare("WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM "
                           "numbers WHERE n < ?1) INSERT INTO soap_messages "
                           "SELECT 'd' || n, 'ana', ?2 FROM numbers"));
    TRY_VOID(q.bind(1, SoapMessages::kPerUserMax).bind(2, to_ms(now + 10min)).run());
    return common::ok();
  };
  ASSERT_TRUE(world.run<Result<>>(runtime, database->write(fill)));
  EXPECT_EQ(remember("ana", "one more"), Remembered::no_room);
  EXPECT_EQ(remember("ben", "one of another"), Remembered::first_time);
}

}  // namespace
}  // namespace angophora::clc
