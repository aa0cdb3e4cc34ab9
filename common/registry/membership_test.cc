// A node that enrols with a cloud controller over real connections, and follows its registry.
#include "common/registry/membership.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "common/http/server.h"
#include "common/registry/document.h"
#include "common/runtime/real_runtime.h"
#include "common/soap/soap_server.h"

namespace angophora::registry {
namespace {
using namespace std::chrono_literals;
using common::awaitable;
using common::ServiceName;

// What a cloud controller does for the registry, in memory.
struct Cloud {
  Cloud(common::Runtime& r, std::string state_dir)
      : runtime(r), identity(load_or_make_identity(state_dir, "clc", r).value()), table(r) {
    dispatcher.serve<soap::cloud::Enrol>(
        {soap::Role::stranger, soap::Role::node}, [this](soap::Caller caller, auto request) {
          return enrol(*this, std::move(caller), std::move(request));
        });
    dispatcher.serve<soap::cloud::GetRegistry>(
        {soap::Role::node},
        [this](soap::Caller, auto request) { return get_registry(*this, std::move(request)); });
    soap = std::make_unique<soap::SoapServer>(runtime, identity.self(ServiceName("clc")), table,
                                              dispatcher, soap::SoapServerOptions{});
    http::ServerOptions options;
    options.allow_plain = false;
    options.tls = soap::tls_identity_of(identity.self(ServiceName("clc")));
    options.want_client_certificate = true;
    auto handler = [this](http::Request& request) { return soap->handle(request); };
    server = http::Server::listen(runtime, options, handler).value();
    auto& self = registry.services.emplace_back();
    self.name = "clc";
    self.type = "cloud";
    self.host = "127.0.0.1";
    self.port = server->port();
    self.state = "ENABLED";
    self.signingCertificate = identity.signing_certificate.der();
    self.encryptionCertificate = identity.encryption_certificate.der();
    publish();
  }
  void publish() {
    ++registry.version;
    registry.issuedMs = runtime.now().time_since_epoch().count();
    table.set(registry);
    changed.notify();
  }
  std::string token_for(const std::string& name) {
    Token token{"127.0.0.1",
                server->port(),
                "clc",
                identity.signing_certificate.sha256_thumbprint(),
                name,
                "tok-" + name,
                "sixteen bytes at the least"};
    tokens.insert(token.id);
    return format_token(token);
  }
  cloud__signedRegistry document() { return sign_registry(registry, identity.signing_key).value(); }

  static Task<cloud__EnrolResponseType> enrol(Cloud& cloud, soap::Caller caller,
                                              cloud__EnrolType request) {
    if (!cloud.tokens.contains(request.tokenId))
      co_return Error(Errc::permission_denied, "the token was used or is over");
    CO_TRY_VOID(
        check_enrolment(request, "sixteen bytes at the least", ServiceName("node-1"), caller));
    cloud.tokens.erase(request.tokenId);
    std::erase_if(cloud.registry.services,
                  [&](const auto& entry) { return entry.name == request.name; });
    auto& node = cloud.registry.services.emplace_back();
    node.name = request.name;
    node.type = "node";
    node.zone = "zone-a";
    node.host = "127.0.0.1";
    node.port = 1;
    node.state = "ENABLED";
    node.signingCertificate = request.signingCertificate;
    node.encryptionCertificate = request.encryptionCertificate;
    cloud.publish();
    cloud__EnrolResponseType reply;
    reply.registry = cloud.document();
    co_return reply;
  }
  static Task<cloud__GetRegistryResponseType> get_registry(Cloud& cloud,
                                                           cloud__GetRegistryType request) {
    if (request.knownVersion >= cloud.registry.version)
      co_await cloud.changed.wait(cloud.runtime, std::chrono::milliseconds(request.waitMs));
    cloud__GetRegistryResponseType reply;
    reply.registry = cloud.document();
    co_return reply;
  }

  common::Runtime& runtime;
  Identity identity;
  RegistryTable table;
  soap::Dispatcher dispatcher;
  t__registry registry;
  std::set<std::string> tokens;
  common::Wake changed;
  std::unique_ptr<soap::SoapServer> soap;
  std::unique_ptr<http::Server> server;
};

// A folder with the keys of a cloud controller and a node.
struct Keys {
  Keys() {
    char name[] = "/tmp/angophora-keys-XXXXXX";
    path = mkdtemp(name);
    common::RealRuntime runtime{{.handle_signals = false}};
    for (const std::string who : {"clc", "node"})
      EXPECT_TRUE(load_or_make_identity(path + "/" + who, who, runtime));
  }
  ~Keys() { std::filesystem::remove_all(path); }
  std::string path;
};

const Keys& keys() {
  static const Keys made;
  return made;
}

class MembershipTest : public ::testing::Test {
 protected:
  MembershipTest() {
    char path[] = "/tmp/angophora-membership-XXXXXX";
    folder_ = mkdtemp(path);
    // Copies of keys that are made once: making them is slow.
    for (const std::string who : {"/clc", "/node"})
      std::filesystem::copy(keys().path + who, folder_ + who,
                            std::filesystem::copy_options::recursive);
    cloud_ = std::make_unique<Cloud>(runtime_, folder_ + "/clc");
    options_ = MembershipOptions{folder_ + "/node", soap::Role::node};
    options_.token_poll = 5ms;
  }
  ~MembershipTest() override { std::filesystem::remove_all(folder_); }

  void put_token(const std::string& text) {
    ASSERT_TRUE(write_file(options_.state_dir + "/enrolment-token", text));
  }
  // Runs `story` to its end; the runtime is used up afterwards.
  void run(awaitable<void> story) {
    runtime_.spawn("story", end_with(std::move(story), runtime_));
    runtime_.run();
  }
  static awaitable<void> end_with(awaitable<void> story, common::RealRuntime& runtime) {
    co_await std::move(story);
    runtime.stop();
  }
  static awaitable<void> join(Membership& node, Result<>& result) { result = co_await node.join(); }
  static awaitable<void> join_and_see_change(Membership& node, Cloud& cloud, Result<>& result) {
    result = co_await node.join();
    cloud.registry.services[1].host = "192.0.2.7";
    cloud.publish();
    bool heard = true;
    while (heard && node.table().version() < cloud.registry.version)
      heard = co_await node.table().changed.wait(cloud.runtime, 10s);
  }
  // The cloud forgets the node, whose own registry still names it.
  static awaitable<void> join_and_be_deregistered(Membership& node, Cloud& cloud, Result<>& result,
                                                  std::string& says) {
    result = co_await node.join();
    cloud.registry.services.pop_back();
    cloud.publish();
    for (int i = 0; i < 10000 && says.empty(); ++i) {
      co_await cloud.runtime.sleep_for(1ms);
      says = node.why_not_ready();
    }
  }
  static awaitable<void> wait_then_put(common::Runtime& runtime, Membership& node, std::string path,
                                       std::string text) {
    while (node.why_not_ready().find("no enrolment token") == std::string::npos)
      co_await runtime.sleep_for(1ms);
    (void)write_file(path, text);
  }

  std::string folder_;
  common::RealRuntime runtime_{{.stop_grace = 1s, .handle_signals = false}};
  std::unique_ptr<Cloud> cloud_;
  MembershipOptions options_;
  Result<> result_ = common::ok();
};

TEST_F(MembershipTest, EnrolsWithAToken) {
  put_token(cloud_->token_for("node-1"));
  Membership node(runtime_, options_);
  run(join(node, result_));
  ASSERT_TRUE(result_) << result_.error().message;
  EXPECT_EQ(node.name().value, "node-1");
  EXPECT_EQ(node.cloud_name().value, "clc");
  EXPECT_EQ(node.zone().value, "zone-a");
  EXPECT_EQ(node.why_not_ready(), "");
  EXPECT_TRUE(cloud_->table.find(ServiceName("node-1")));
  EXPECT_FALSE(std::filesystem::exists(options_.state_dir + "/enrolment-token"));
}

TEST_F(MembershipTest, WaitsForATokenAndSaysWhichCommandMakesOne) {
  Membership node(runtime_, options_);
  const auto path = options_.state_dir + "/enrolment-token";
  runtime_.spawn("operator", wait_then_put(runtime_, node, path, cloud_->token_for("node-1")));
  run(join(node, result_));
  ASSERT_TRUE(result_) << result_.error().message;
  EXPECT_EQ(node.name().value, "node-1");
}

TEST_F(MembershipTest, FollowsTheRegistry) {
  put_token(cloud_->token_for("node-1"));
  Membership node(runtime_, options_);
  run(join_and_see_change(node, *cloud_, result_));
  ASSERT_TRUE(result_);
  EXPECT_EQ(node.table().find(ServiceName("node-1"))->host, "192.0.2.7");
}

TEST_F(MembershipTest, KnowsItselfAfterARestartWithoutTheCloudController) {
  put_token(cloud_->token_for("node-1"));
  {
    Membership node(runtime_, options_);
    run(join(node, result_));
    ASSERT_TRUE(result_);
  }
  cloud_.reset();
  common::RealRuntime second{{.stop_grace = 1s, .handle_signals = false}};
  Membership node(second, options_);
  second.spawn("story", end_with(join(node, result_), second));
  second.run();
  ASSERT_TRUE(result_) << result_.error().message;
  EXPECT_EQ(node.name().value, "node-1");
  EXPECT_TRUE(node.table().find(ServiceName("clc")));
}

// Puts a token that will not do, waits until it was tried, then one that will.
awaitable<void> correct_later(common::Runtime& runtime, Membership& node, std::string expected,
                              std::string path, std::string text, bool& was_refused) {
  while (node.why_not_ready().find(expected) == std::string::npos) {
    if (runtime.stopping()) co_return;
    co_await runtime.sleep_for(1ms);
  }
  was_refused = true;
  (void)write_file(path, text);
}

awaitable<void> allow_later(common::Runtime& runtime, Cloud& cloud, bool& was_refused) {
  while (!was_refused && !runtime.stopping()) co_await runtime.sleep_for(1ms);
  cloud.tokens.insert("tok-node-1");
}

TEST_F(MembershipTest, DoesNotTalkToACloudControllerOfAnotherFingerprint) {
  auto wrong = parse_token(cloud_->token_for("node-1")).value();
  wrong.cloud_sha256 = std::string(32, 'x');
  put_token(format_token(wrong));
  Membership node(runtime_, options_);
  bool was_refused = false;
  runtime_.spawn("operator", correct_later(runtime_, node, "enrolling as node-1",
                                           options_.state_dir + "/enrolment-token",
                                           cloud_->token_for("node-1"), was_refused));
  run(join(node, result_));
  EXPECT_TRUE(was_refused);
  EXPECT_TRUE(result_);
}

TEST_F(MembershipTest, IsRefusedWithAUsedTokenAndSaysSo) {
  const auto token = cloud_->token_for("node-1");
  put_token(token);
  cloud_->tokens.clear();
  Membership node(runtime_, options_);
  bool was_refused = false;
  runtime_.spawn("operator",
                 correct_later(runtime_, node, "the token was used or is over",
                               options_.state_dir + "/enrolment-token", token, was_refused));
  runtime_.spawn("cloud", allow_later(runtime_, *cloud_, was_refused));
  run(join(node, result_));
  EXPECT_TRUE(was_refused);
  EXPECT_TRUE(result_);
}

// The same component, before and after a restart.
class Restart : public MembershipTest {
 protected:
  std::string file(const std::string& name) const { return options_.state_dir + "/" + name; }
  // As if the daemon had been off since then.
  void age_what_is_kept(std::chrono::hours age) {
    const auto now = cloud_->registry.issuedMs;
    cloud_->registry.issuedMs -= std::chrono::milliseconds(age).count();
    ASSERT_TRUE(write_file(file("registry.signed"), serialise(cloud_->document())));
    cloud_->registry.issuedMs = now;
  }
  static awaitable<void> joined_or_stopped(Membership& node, Result<>& result) {
    result = co_await node.join();
  }
  // Waits until `node` says why it waits, in these words.
  static awaitable<bool> waits_for(common::Runtime& runtime, Membership& node, std::string words) {
    for (int i = 0; i < 20'000; ++i) {
      if (node.why_not_ready().find(words) != std::string::npos) co_return true;
      co_await runtime.sleep_for(1ms);
    }
    ADD_FAILURE() << "says: " << node.why_not_ready();
    co_return false;
  }
  static awaitable<void> after_a_week_off(Restart& test, Membership& first, Membership& second) {
    test.result_ = co_await first.join();
    test.age_what_is_kept(24h * 8);
    if (test.result_) test.result_ = co_await second.join();
  }
  static awaitable<void> without_cloud(Restart& test, Membership& first, Membership& second,
                                       bool& said, Result<>& joined) {
    test.result_ = co_await first.join();
    test.age_what_is_kept(24h * 8);
    test.cloud_->server.reset();
    test.runtime_.spawn("second", joined_or_stopped(second, joined));
    said = co_await waits_for(test.runtime_, second, "the registry is too old");
  }
  static awaitable<void> without_keys(Restart& test, Membership& first, Membership& second,
                                      std::string& first_says) {
    test.result_ = co_await first.join();
    std::filesystem::remove_all(test.file("keys"));
    test.runtime_.spawn("second", joined_or_stopped(second, test.result_));
    const bool said = co_await waits_for(
        test.runtime_, second, "are not those that node-1 was enrolled with; run 'angophora");
    if (!said) co_return;
    test.put_token(test.cloud_->token_for("node-1"));
    (void)co_await waits_for(test.runtime_, first, "enrolled anew elsewhere");
    first_says = first.why_not_ready();
    for (int i = 0; i < 20'000 && !second.why_not_ready().empty(); ++i)
      co_await test.runtime_.sleep_for(1ms);
  }
};

TEST_F(Restart, AfterALongTimeOffAsksTheCloudControllerItKnows) {
  put_token(cloud_->token_for("node-1"));
  Membership first(runtime_, options_), second(runtime_, options_);
  run(after_a_week_off(*this, first, second));
  ASSERT_TRUE(result_) << result_.error().message;
  EXPECT_EQ(second.why_not_ready(), "");
  const auto kept = deserialise(*read_file(file("registry.signed")).value()).value();
  const auto opened = open_registry(kept, cloud_->identity.signing_certificate).value();
  EXPECT_EQ(opened.issuedMs, cloud_->registry.issuedMs);
}

TEST_F(Restart, AfterALongTimeOffWaitsForTheCloudControllerAndSaysSo) {
  put_token(cloud_->token_for("node-1"));
  Membership first(runtime_, options_), second(runtime_, options_);
  bool said = false;
  Result<> joined = Error(Errc::cancelled, "never");
  run(without_cloud(*this, first, second, said, joined));
  EXPECT_TRUE(result_);
  EXPECT_TRUE(said);
  EXPECT_FALSE(joined);
}

TEST_F(Restart, WithoutItsKeysAsksForATokenAndEnrolsAnew) {
  put_token(cloud_->token_for("node-1"));
  Membership first(runtime_, options_), second(runtime_, options_);
  std::string first_says;
  run(without_keys(*this, first, second, first_says));
  ASSERT_TRUE(result_) << result_.error().message;
  EXPECT_EQ(second.why_not_ready(), "");
  EXPECT_NE(first_says, "");  // its keys are good for nothing any more
  const auto pinned = cloud_->table.find(ServiceName("node-1"));
  ASSERT_TRUE(pinned);
  EXPECT_EQ(pinned->certificate.der(), second.identity().signing_certificate.der());
  EXPECT_NE(pinned->certificate.der(), first.identity().signing_certificate.der());
}

TEST_F(MembershipTest, LearnsFromTheCloudControllerThatItWasDeregistered) {
  put_token(cloud_->token_for("node-1"));
  Membership node(runtime_, options_);
  std::string says;
  run(join_and_be_deregistered(node, *cloud_, result_, says));
  ASSERT_TRUE(result_);
  EXPECT_NE(says.find("angophora service register"), std::string::npos) << says;
}

TEST_F(MembershipTest, SaysWhenItWasDeregistered) {
  put_token(cloud_->token_for("node-1"));
  Membership node(runtime_, options_);
  run(join(node, result_));
  ASSERT_TRUE(result_);
  cloud_->registry.services.pop_back();
  ++cloud_->registry.version;
  ASSERT_TRUE(node.table().accept(cloud_->registry));
  EXPECT_EQ(node.why_not_ready(), "node-1 is not in the registry: it was deregistered");
}

}  // namespace
}  // namespace angophora::registry
