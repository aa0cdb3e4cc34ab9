// Secrets at rest: what whoever steals the database's files finds in them.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "clc/actions/action_table.h"
#include "clc/actions/master_keys.h"
#include "clc/daemon.h"
#include "clc/domain/secrets.h"
#include "clc/store/access_keys.h"
#include "clc/store/identities.h"
#include "clc/store/migrations.h"
#include "clc/store/registrations.h"
#include "clc/testing/action_fixture.h"
#include "common/crypto/aes.h"
#include "common/registry/files.h"
#include "common/registry/token.h"
#include "common/runtime/sim_runtime.h"
#include "common/soap/local_channel.h"

namespace angophora::clc {
namespace {

constexpr char kOldSecret[] = "anOldSecretThatStoodThereInPlainText0000";

class SecretsAtRest : public ::testing::Test {
 protected:
  SecretsAtRest() {
    char path[] = "/tmp/clc-secrets-test-XXXXXX";
    config.state_dir = mkdtemp(path);
    config.host = "10.0.0.1";
    database.path = config.state_dir + "/clc.sqlite";
    database.inline_io = true;
  }
  ~SecretsAtRest() override {
    daemon.reset();
    std::filesystem::remove_all(config.state_dir);
  }

  // One more process on the same folder.
  Result<> start() {
    daemon.reset();
    runtime.emplace(world, "clc");
    Seams seams;
    seams.listen = false;
    seams.database = database;
    seams.keys = testing::test_keys();
    TRY_VOID(registry::make_folder(config.state_dir + "/keys"));
    auto masters = actions::load_or_make_masters(config.state_dir, *runtime);
    if (!masters) return std::move(masters).error();
    seams.keys->masters = std::make_shared<crypto::KeyRing>(std::move(masters).value());
    seams.make_channel = [this](registry::RegistryTable&) {
      return std::make_unique<soap::LocalChannel>(*runtime, network, ServiceName("clc"),
                                                  soap::Role::cloud);
    };
    daemon.emplace(*runtime, config, std::move(seams));
    return world.run<Result<>>(*runtime, daemon->start());
  }
  void stop() {
    runtime->kill();
    daemon.reset();
  }
  // As an earlier version has left it, with keys that are no more in its free pages.
  void make_older_database() {
    constexpr std::size_t kBefore = 16;
    common::SimRuntime older(world, "older");
    auto opened =
        db::Database::open(older, database, std::span<const db::Migration>(kMigrations, kBefore));
    ASSERT_TRUE(opened);
    const auto fill = [](Tx& tx) -> Result<> {
      TRY_VOID(
          tx.execute("INSERT INTO accounts VALUES ('123456789012', 'older', 'c', 1);"
                     "INSERT INTO users VALUES ('AIDAX', '123456789012', 'ana', '/', 1, 0, 1)"));
      for (int n = 0; n < 200; ++n)
        TRY_VOID(tx.execute("INSERT INTO access_keys VALUES ('AKIA" + std::to_string(n) +
                            "', 'AIDAX', '" + kOldSecret + "', 1, 1)"));
      return tx.execute("DELETE FROM access_keys WHERE access_key_id > 'AKIA2'");
    };
    const auto filled = world.run<Result<>>(older, opened.value()->write(fill));
    ASSERT_TRUE(filled) << filled.error().message;
    older.kill();
  }
  std::string files() {
    std::string bytes;
    for (const auto& entry : std::filesystem::directory_iterator(config.state_dir))
      if (entry.path().filename().string().starts_with("clc.sqlite"))
        bytes += registry::read_file(entry.path()).value().value_or("");
    return bytes;
  }
  std::vector<AccessKey> keys() {
    const auto read = [](Tx& tx) { return Identities(tx).access_keys(); };
    using R = Result<std::vector<AccessKey>>;
    return world.run<R>(*runtime, daemon->services().db.read(read)).value();
  }
  std::string secret_of(const AccessKey& key) {
    return open_secret(*daemon->services().keys.masters, key).value();
  }
  std::string administrators_secret() {
    const auto text = registry::read_file(config.state_dir + "/administrator.json").value().value();
    const std::string name = "\"secret_access_key\":\"";
    return text.substr(text.find(name) + name.size(), 40);
  }
  Result<Reply> rotate() {
    auto caller = testing::caller_of("123456789012", "admin");
    caller.cloud_administrator = true;
    return world.run<Result<Reply>>(
        *runtime, find_action("RotateMasterKey")->run(daemon->services(), caller, Parameters()));
  }

  common::SimWorld world{1};
  soap::LocalNetwork network;
  Config config;
  db::Options database;
  std::optional<common::SimRuntime> runtime;
  std::optional<Daemon> daemon;
};

TEST_F(SecretsAtRest, ANewCloudsFilesHoldNoneOfThem) {
  ASSERT_TRUE(start());
  ASSERT_EQ(keys().size(), 1u);
  EXPECT_EQ(secret_of(keys()[0]), administrators_secret());
  EXPECT_NE(files().find(keys()[0].id), std::string::npos) << "the files are those";
  EXPECT_EQ(files().find(administrators_secret()), std::string::npos);
  stop();
  EXPECT_EQ(files().find(administrators_secret()), std::string::npos);
}

TEST_F(SecretsAtRest, WhatAnEarlierVersionKeptInPlainTextIsSealedAndGone) {
  make_older_database();
  ASSERT_NE(files().find(kOldSecret), std::string::npos);
  const auto started = start();
  ASSERT_TRUE(started) << started.error().message;
  EXPECT_EQ(files().find(kOldSecret), std::string::npos);
  int old_ones = 0;
  for (const auto& key : keys()) {
    EXPECT_TRUE(crypto::KeyRing::is_sealed(key.secret));
    old_ones += secret_of(key) == kOldSecret;
  }
  EXPECT_GT(old_ones, 50);
}

TEST_F(SecretsAtRest, AnEnrolmentTokenIsSealedAndGoodAfterARotation) {
  ASSERT_TRUE(start());
  auto caller = testing::caller_of("123456789012", "admin");
  caller.cloud_administrator = true;
  auto asked = Parameters::parse({{"Name", "w"}, {"Type", "walrus"}, {"Host", "10.0.0.2"}});
  const auto made = world.run<Result<Reply>>(
      *runtime,
      find_action("RegisterService")->run(daemon->services(), caller, std::move(asked).value()));
  ASSERT_TRUE(made) << made.error().message;
  const auto token = registry::parse_token(*made.value().find("enrolmentToken")).value();
  const auto kept = [&] {
    const auto read = [&](Tx& tx) { return Registrations(tx).find_token(token.id); };
    using R = Result<std::optional<EnrolmentToken>>;
    return world.run<R>(*runtime, daemon->services().db.read(read)).value()->secret;
  };
  EXPECT_EQ(files().find(token.secret), std::string::npos);
  const auto before = kept();
  ASSERT_TRUE(rotate());
  EXPECT_NE(kept(), before);
  EXPECT_EQ(open_token(*daemon->services().keys.masters, token.id, kept()).value(), token.secret);
  EXPECT_FALSE(open_token(*daemon->services().keys.masters, "another", kept()));
}

TEST_F(SecretsAtRest, ATokenThatAnEarlierVersionKeptInPlainTextIsSealedAtTheStart) {
  ASSERT_TRUE(start());
  const std::string plain = "aSecretOfATokenThatStoodInPlainText";
  const auto put = [&](Tx& tx) -> Result<> {
    Service service;
    service.name = ServiceName("w");
    service.type = ServiceType::walrus;
    service.host = "10.0.0.2";
    TRY_VOID(Registrations(tx).insert(service));
    // That version has seen to the users' keys.
    TRY_VOID(tx.execute("UPDATE counters SET value=1 WHERE name='secrets_sealed'"));
    return Registrations(tx).issue(
        {"t", service.name, plain, runtime->now() + std::chrono::hours(1)});
  };
  const auto done = world.run<Result<>>(*runtime, daemon->services().db.write(put));
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_TRUE(start());
  EXPECT_EQ(files().find(plain), std::string::npos);
}

TEST_F(SecretsAtRest, OneRotationAtATime) {
  ASSERT_TRUE(start());
  const auto masters = daemon->services().keys.masters;
  const auto before = masters->keys().size();
  {
    const crypto::KeyRing::Rotation under_way(masters);
    const auto refused = rotate();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, common::Errc::unavailable);
    EXPECT_EQ(masters->keys().size(), before);
  }
  for (int n = 0; n < 3; ++n) ASSERT_TRUE(rotate());
  EXPECT_EQ(secret_of(keys().at(0)), administrators_secret());
  stop();
  ASSERT_TRUE(start());
  EXPECT_EQ(secret_of(keys().at(0)), administrators_secret());
}

TEST_F(SecretsAtRest, AKeyThatNoMasterOpensStopsItsUserAlone) {
  ASSERT_TRUE(start());
  const auto administrator = keys().at(0);
  const crypto::KeyRing lost({{"lost0000", std::string(32, 'l')}});
  AccessKey other{"AKIALOST", administrator.user, "secret", true, runtime->now()};
  other = sealed(lost, other, std::string(crypto::kGcmNonceBytes, 'n')).value();
  const auto add = [other](Tx& tx) { return AccessKeys(tx).insert(other); };
  ASSERT_TRUE(world.run<Result<>>(*runtime, daemon->services().db.write(add)));
  stop();

  const auto started = start();
  ASSERT_TRUE(started) << started.error().message;
  const auto rotated = rotate();
  ASSERT_TRUE(rotated) << rotated.error().message;
  EXPECT_EQ(rotated.value().find("resealed"), "1");
  EXPECT_EQ(rotated.value().find("unreadable"), "1");
  for (const auto& key : keys()) {
    if (key.id == other.id)
      EXPECT_EQ(key.secret, other.secret) << "for the day its master is found";
    else
      EXPECT_EQ(secret_of(key), administrators_secret());
  }
}

TEST_F(SecretsAtRest, RotationSealsThemAnewAndTheOldMasterOpensNothing) {
  ASSERT_TRUE(start());
  const auto secret = administrators_secret();
  const crypto::KeyRing old(daemon->services().keys.masters->keys());
  const auto before = keys().at(0).secret;
  const auto rotated = rotate();
  ASSERT_TRUE(rotated) << rotated.error().message;
  EXPECT_EQ(rotated.value().find("resealed"), "1");
  const auto after = keys().at(0);
  EXPECT_NE(after.secret, before);
  EXPECT_FALSE(open_secret(old, after));
  EXPECT_EQ(secret_of(after), secret);
  stop();
  ASSERT_TRUE(start()) << "the file has the new one";
  EXPECT_EQ(secret_of(keys().at(0)), secret);
  EXPECT_EQ(daemon->services().keys.masters->keys().size(), 1u);
}

TEST_F(SecretsAtRest, ARotationThatWasCutShortIsFinishedByTheNextStart) {
  ASSERT_TRUE(start());
  const auto secret = administrators_secret();
  auto masters = daemon->services().keys.masters->keys();
  masters.insert(masters.begin(), actions::new_master(*runtime));
  ASSERT_TRUE(actions::write_masters(config.state_dir, masters));
  stop();
  ASSERT_TRUE(start());
  EXPECT_TRUE(daemon->services().keys.masters->is_current(keys().at(0).secret));
  EXPECT_EQ(secret_of(keys().at(0)), secret);
}

TEST_F(SecretsAtRest, WithoutTheirMasterTheCloudDoesNotStart) {
  ASSERT_TRUE(start());
  stop();
  std::filesystem::remove(config.state_dir + "/keys/masters");
  const auto started = start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("keys/masters opens none"), std::string::npos)
      << started.error().message;
}

}  // namespace
}  // namespace angophora::clc
