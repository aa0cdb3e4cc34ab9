// The daemon without sockets: enrolment, the registry, identities for Walrus, the states of others.
#include "clc/daemon.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "clc/actions/action_table.h"
#include "clc/domain/new_identity.h"
#include "clc/domain/secrets.h"
#include "clc/store/access_keys.h"
#include "clc/store/accounts.h"
#include "clc/store/identities.h"
#include "clc/store/inline_policies.h"
#include "clc/store/managed_policies.h"
#include "clc/store/registrations.h"
#include "clc/store/user_groups.h"
#include "clc/testing/action_fixture.h"
#include "common/registry/token.h"
#include "common/soap/fault.h"
#include "common/soap/local_channel.h"

namespace angophora::clc {
namespace {

using namespace std::chrono_literals;

struct Component {
  crypto::PrivateKey key;
  std::string certificate;  // DER
};

// RSA of 2048 bits, made once: enrolment takes no less.
Component make_component() {
  auto key = crypto::PrivateKey::generate(2048).value();
  crypto::CertificateSubject subject;
  subject.common_name = "component";
  subject.not_after = common::SysTime(std::chrono::hours(24 * 365 * 70));
  subject.serial = "7";
  const auto certificate = crypto::Certificate::self_signed(key, subject).value();
  return Component{key, certificate.der()};
}
const Component& component() {
  static const auto made = make_component();
  return made;
}
const Component& node_component() {
  static const auto made = make_component();
  return made;
}

class DaemonTest : public ::testing::Test {
 public:
  DaemonTest() {
    char path[] = "/tmp/clc-daemon-test-XXXXXX";
    config.state_dir = mkdtemp(path);
    config.host = "10.0.0.1";
    config.enrolment_token_life = std::chrono::minutes(10);  // a week of polls takes too long
    Seams seams;
    seams.listen = false;
    seams.keys = testing::test_keys();
    seams.database.emplace();
    seams.database->path = ":memory:";
    seams.database->inline_io = true;
    seams.make_channel = [this](registry::RegistryTable&) {
      return std::make_unique<soap::LocalChannel>(runtime, network, ServiceName("clc"),
                                                  soap::Role::cloud);
    };
    daemon.emplace(runtime, config, std::move(seams));
    const auto started = run(daemon->start());
    EXPECT_TRUE(started) << started.error().message;
    administrator = testing::caller_of("123456789012", "admin");
    administrator.cloud_administrator = true;
  }
  ~DaemonTest() override {
    runtime.kill();
    std::filesystem::remove_all(config.state_dir);
  }

  template <class T>
  T run(common::awaitable<T> work) {
    return world.run<T>(runtime, std::move(work));
  }
  Result<Reply> call(std::string_view name, testing::Pairs pairs) {
    const auto* action = find_action(name);
    TRY(auto parameters, Parameters::parse(std::move(pairs)));
    return run(action->run(daemon->services(), administrator, std::move(parameters)));
  }
  registry::Token add(const std::string& name, const std::string& type) {
    const auto made =
        call("RegisterService",
             {{"Name", name}, {"Type", type}, {"Host", "10.0.0.2"}, {"Partition", "zone-a"}});
    EXPECT_TRUE(made);
    return registry::parse_token(*made.value().find("enrolmentToken")).value();
  }

  template <class Op>
  Result<typename Op::Reply> ask(soap::Caller caller, typename Op::Request request) {
    return run(deliver<Op>(daemon->dispatcher(), std::move(caller), std::move(request)));
  }
  template <class Op>
  static Task<typename Op::Reply> deliver(soap::Dispatcher& dispatcher, soap::Caller caller,
                                          typename Op::Request request) {
    soap::Message message(std::move(request));
    CO_TRY(auto reply,
           co_await dispatcher.deliver(Op::kOperation, std::move(caller), std::move(message)));
    co_return std::move(*reply.template get<typename Op::Reply>());
  }
  static soap::cloud::Enrol::Request enrolment(const registry::Token& token,
                                               const Component& as = component()) {
    soap::cloud::Enrol::Request request;
    request.name = token.service_name;
    request.tokenId = token.id;
    request.signingCertificate = request.encryptionCertificate = as.certificate;
    request.mac =
        registry::enrolment_mac(token.secret, request.name, request.tokenId,
                                request.signingCertificate, request.encryptionCertificate);
    return request;
  }
  Result<soap::cloud::Enrol::Reply> enrol(soap::cloud::Enrol::Request request) {
    soap::Caller stranger{ServiceName(), soap::Role::stranger, "r", request.signingCertificate};
    return ask<soap::cloud::Enrol>(std::move(stranger), std::move(request));
  }
  std::string state_of(const std::string& name, std::string* reason = nullptr) {
    const auto listed = call("DescribeServices", {{"ServiceName.1", name}});
    const std::string item = "serviceStatuses/item/";
    if (reason) *reason = listed.value().find(item + "statusDetails/item/message").value_or("");
    return listed.value().find(item + "localState").value_or("");
  }

  common::SimWorld world{1};
  common::SimRuntime runtime{world, "clc"};
  soap::LocalNetwork network;
  Config config;
  std::optional<Daemon> daemon;
  Caller administrator;
};

TEST_F(DaemonTest, TheFirstStartMakesAnAdministratorWhoMaySign) {
  EXPECT_TRUE(std::filesystem::exists(config.state_dir + "/administrator.json"));
  const auto read = [](Tx& tx) { return Identities(tx).access_keys(); };
  const auto keys = run(daemon->services().db.read(read));
  ASSERT_EQ(keys.value().size(), 1u);
  EXPECT_TRUE(keys.value().front().id.starts_with("AKIA"));
}

TEST_F(DaemonTest, AnEnrolledComponentIsInTheSignedRegistry) {
  const auto reply = enrol(enrolment(add("cc-1", "cluster")));
  ASSERT_TRUE(reply) << reply.error().message;
  const auto document =
      registry::open_registry(reply.value().registry, testing::test_keys().signing.certificate);
  ASSERT_TRUE(document);
  ASSERT_EQ(document.value().services.size(), 2u);
  EXPECT_EQ(document.value().services[0].name, "clc");
  EXPECT_EQ(document.value().services[1].signingCertificate, component().certificate);
  std::string reason;
  EXPECT_EQ(state_of("cc-1", &reason), "NOTREADY");
  EXPECT_NE(reason, "not enrolled");
}

TEST_F(DaemonTest, ATokenIsForOneNameOneKeyAndOneUse) {
  const auto token = add("cc-1", "cluster");
  auto forged = enrolment(token);
  forged.mac[0] ^= 1;
  EXPECT_FALSE(enrol(forged));
  auto renamed = enrolment(token);
  renamed.name = "cc-2";
  EXPECT_FALSE(enrol(renamed));
  auto unknown = enrolment(token);
  unknown.tokenId = "0000";
  EXPECT_FALSE(enrol(unknown));
  EXPECT_TRUE(enrol(enrolment(token)));
  auto second = enrolment(token);
  second.encryptionCertificate = testing::test_keys().image.certificate.der();
  EXPECT_FALSE(enrol(second));
}

TEST_F(DaemonTest, AnEnrolmentWhoseAnswerWasLostMayBeRepeated) {
  const auto token = add("cc-1", "cluster");
  ASSERT_TRUE(enrol(enrolment(token)));
  EXPECT_TRUE(enrol(enrolment(token)));
}

TEST_F(DaemonTest, ATokenGetsOld) {
  const auto token = add("cc-1", "cluster");
  world.run_for(config.enrolment_token_life + 1s);
  const auto late = enrol(enrolment(token));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, common::Errc::permission_denied);
}

TEST_F(DaemonTest, AKeyBelongsToOneComponent) {
  ASSERT_TRUE(enrol(enrolment(add("cc-1", "cluster"))));
  const auto again = enrol(enrolment(add("nc-1", "node")));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, common::Errc::already_exists);
}

TEST_F(DaemonTest, GetRegistryAnswersWhenThereIsANewerOne) {
  const soap::Caller caller{ServiceName("cc-1"), soap::Role::cluster, "r"};
  soap::cloud::GetRegistry::Request request;
  request.knownVersion = 0;
  request.waitMs = 1000;
  const auto first = ask<soap::cloud::GetRegistry>(caller, request);
  ASSERT_TRUE(first);
  request.knownVersion = first.value().registry.version;
  const auto begin = world.steady_now();
  const auto same = ask<soap::cloud::GetRegistry>(caller, request);
  EXPECT_EQ(same.value().registry.version, request.knownVersion);
  EXPECT_GE(world.steady_now() - begin, 1s);
  add("cc-1", "cluster");
  const auto newer = ask<soap::cloud::GetRegistry>(caller, request);
  EXPECT_GT(newer.value().registry.version, request.knownVersion);
}

TEST_F(DaemonTest, RolesKeepToWhatTheyMayCall) {
  const soap::Caller node{ServiceName("nc-1"), soap::Role::node, "r"};
  EXPECT_FALSE(ask<soap::cloud::DescribeIdentities>(node, {}));
  const soap::Caller stranger{ServiceName(), soap::Role::stranger, "r"};
  EXPECT_FALSE(ask<soap::cloud::GetRegistry>(stranger, {}));
}

TEST_F(DaemonTest, WalrusAloneCanReadTheSecretsItGets) {
  const auto token = add("w", "walrus");
  ASSERT_TRUE(enrol(enrolment(token)));
  const soap::Caller walrus{ServiceName("w"), soap::Role::walrus, "r"};
  const auto reply = ask<soap::cloud::DescribeIdentities>(walrus, {});
  ASSERT_TRUE(reply) << reply.error().message;
  ASSERT_EQ(reply.value().accessKeys.size(), 1u);
  const auto read = [](Tx& tx) { return Identities(tx).access_keys(); };
  const auto keys = run(daemon->services().db.read(read));
  const auto opened = component().key.decrypt_oaep(reply.value().accessKeys[0].sealedSecret);
  ASSERT_TRUE(opened);
  const auto& kept = keys.value().front();
  EXPECT_NE(opened.value(), kept.secret);
  EXPECT_EQ(opened.value(), open_secret(*daemon->services().keys.masters, kept).value());
  EXPECT_EQ(reply.value().accounts[0].name, "angophora");
  EXPECT_EQ(reply.value().certificates.size(), 1u);
}

TEST_F(DaemonTest, WalrusGetsNoKeyThatCannotBeOpened) {
  ASSERT_TRUE(enrol(enrolment(add("w", "walrus"))));
  const soap::Caller walrus{ServiceName("w"), soap::Role::walrus, "r"};
  soap::cloud::DescribeIdentities::Request request;
  request.changesOnly = true;
  const auto first = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  const auto key = first.accessKeys.at(0).accessKeyId;
  ASSERT_TRUE(run(daemon->services().db.write([=](Tx& tx) -> Result<> {
    TRY_VOID(AccessKeys(tx).set_secret(key, "sealed:lost0000:AAAA"));
    return AccessKeys(tx).set_active(key, true);
  })));
  const auto all = ask<soap::cloud::DescribeIdentities>(walrus, {});
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_TRUE(all.value().accessKeys.empty());
  request.knownVersion = first.version;
  const auto changed = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  EXPECT_TRUE(changed.accessKeys.empty());
  ASSERT_EQ(changed.removed.size(), 1u) << "or it would go on with what it has";
  EXPECT_EQ(changed.removed[0].id, key);
}

TEST_F(DaemonTest, WalrusLearnsWhatHasChangedAndWhatIsGone) {
  ASSERT_TRUE(enrol(enrolment(add("w", "walrus"))));
  const soap::Caller walrus{ServiceName("w"), soap::Role::walrus, "r"};
  soap::cloud::DescribeIdentities::Request request;
  request.changesOnly = true;
  request.waitMs = 1000;
  const auto first = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  EXPECT_EQ(first.changesFrom, 0);
  EXPECT_FALSE(*first.more);
  EXPECT_TRUE(*first.users.at(0).root);
  request.knownVersion = first.version;
  const auto begin = world.steady_now();
  const auto nothing = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  EXPECT_GE(world.steady_now() - begin, 1s);
  EXPECT_TRUE(nothing.accounts.empty() && nothing.users.empty() && nothing.accessKeys.empty());

  const auto key = first.accessKeys.at(0).accessKeyId;
  ASSERT_TRUE(run(daemon->services().db.write([=](Tx& tx) -> Result<> {
    TRY_VOID(AccessKeys(tx).set_active(key, false));
    return Accounts(tx).insert(Account{AccountId("123456789012"), "users", "c", {}});
  })));
  const auto changed = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  EXPECT_EQ(changed.changesFrom, first.version);
  EXPECT_EQ(changed.accounts.size(), 1u);
  EXPECT_TRUE(changed.users.empty());
  EXPECT_FALSE(changed.accessKeys.at(0).active);

  ASSERT_TRUE(run(daemon->services().db.write([=](Tx& tx) { return AccessKeys(tx).remove(key); })));
  request.knownVersion = changed.version;
  const auto removed = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  ASSERT_EQ(removed.removed.size(), 1u);
  EXPECT_EQ(removed.removed[0].kind, "access_key");
  EXPECT_EQ(removed.removed[0].id, key);

  request.knownVersion = removed.version + 100;  // of another past
  const auto anew = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  EXPECT_FALSE(anew.changesFrom);
  EXPECT_EQ(anew.accounts.size(), 2u);
}

TEST_F(DaemonTest, WalrusLearnsWhatUsersMayDo) {
  ASSERT_TRUE(enrol(enrolment(add("w", "walrus"))));
  const soap::Caller walrus{ServiceName("w"), soap::Role::walrus, "r"};
  soap::cloud::DescribeIdentities::Request request;
  request.changesOnly = true;
  const auto first = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  EXPECT_EQ(first.policies.size(), 9u) << "those that come with the cloud";
  EXPECT_TRUE(first.groups.empty());

  const AccountId account(first.accounts.at(0).accountId);
  const auto user = new_user(runtime, account, "alice", "/");
  const auto group = new_user_group(runtime, account, "staff", "/");
  const std::string document = R"({"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}})";
  ASSERT_TRUE(run(daemon->services().db.write([=](Tx& tx) -> Result<> {
    TRY_VOID(Users(tx).insert(user));
    TRY_VOID(UserGroups(tx).insert(group));
    TRY_VOID(UserGroups(tx).add_member(group.id, user.id));
    TRY_VOID(InlinePolicies(tx).put(entity(user.id), {"Own", document}));
    TRY_VOID(InlinePolicies(tx).put(entity(account), {"Ceiling", document}));
    TRY(const auto policy,
        ManagedPolicies(tx).find(account, "arn:aws:iam::aws:policy/AmazonS3FullAccess"));
    return ManagedPolicies(tx).attach(policy, account, entity(group.id));
  })));
  request.knownVersion = first.version;
  const auto changed = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  ASSERT_EQ(changed.users.size(), 1u);
  EXPECT_EQ(changed.users[0].groupIds, std::vector{group.id.value});
  EXPECT_EQ(changed.users[0].policies.at(0).name, "Own");
  EXPECT_EQ(changed.users[0].policies.at(0).document, document);
  EXPECT_EQ(changed.groups.at(0).name, "staff");
  EXPECT_EQ(changed.groups.at(0).attachedPolicyIds.at(0), "ANPAAMAZONS3FULLACCE");
  EXPECT_EQ(changed.accounts.at(0).policies.at(0).name, "Ceiling");

  ASSERT_TRUE(
      run(daemon->services().db.write([=](Tx& tx) { return UserGroups(tx).remove(group.id); })));
  request.knownVersion = changed.version;
  const auto gone = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  EXPECT_EQ(gone.removed.at(0).kind, "group");
  EXPECT_TRUE(gone.users.at(0).groupIds.empty());
}

// An answer holds a megabyte of policies and not much more.
TEST_F(DaemonTest, LongPoliciesAreToldInParts) {
  ASSERT_TRUE(enrol(enrolment(add("w", "walrus"))));
  const soap::Caller walrus{ServiceName("w"), soap::Role::walrus, "r"};
  soap::cloud::DescribeIdentities::Request request;
  request.changesOnly = true;
  const auto first = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  const AccountId account(first.accounts.at(0).accountId);
  const std::string document(16'000, ' ');
  ASSERT_TRUE(run(daemon->services().db.write([=, this](Tx& tx) -> Result<> {
    for (int n = 0; n < 100; ++n) {
      const auto group = new_user_group(runtime, account, "g" + std::to_string(n), "/");
      TRY_VOID(UserGroups(tx).insert(group));
      TRY_VOID(InlinePolicies(tx).put(entity(group.id), {"Long", document}));
    }
    return common::ok();
  })));
  request.knownVersion = first.version;
  std::size_t groups = 0;
  int parts = 0;
  for (bool more = true; more; ++parts) {
    const auto part = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
    groups += part.groups.size();
    more = *part.more;
    request.knownVersion = part.version;
  }
  EXPECT_EQ(groups, 100u);
  EXPECT_EQ(parts, 2);
}

TEST_F(DaemonTest, AComponentIsEnabledWhileItAnswers) {
  ASSERT_TRUE(enrol(enrolment(add("cc-1", "cluster"))));
  soap::Dispatcher cluster;
  std::chrono::milliseconds ahead{};
  using Describe = soap::cluster::DescribeServices;
  cluster.serve<Describe>({soap::Role::cloud}, [&](soap::Caller, Describe::Request) {
    return [](common::SysTime clock) -> Task<Describe::Reply> {
      Describe::Reply reply;
      auto& status = reply.services.emplace_back();
      status.name = "cc-1";
      status.type = "cluster";
      status.state = "ENABLED";
      status.version = "1";
      status.clockMs = clock.time_since_epoch().count();
      co_return reply;
    }(runtime.now() + ahead);
  });
  network.attach(ServiceName("cc-1"), cluster);
  world.run_for(3s);
  EXPECT_EQ(state_of("cc-1"), "ENABLED");
  ahead = 75s;
  world.run_for(3s);
  std::string reason;
  EXPECT_EQ(state_of("cc-1", &reason), "NOTREADY");
  EXPECT_EQ(reason, "clock off by 75 s: it is ahead of the cloud controller's");
  network.detach(ServiceName("cc-1"));
  world.run_for(20s);
  EXPECT_EQ(state_of("cc-1", &reason), "NOTREADY");
  EXPECT_TRUE(reason.starts_with("silent for ")) << reason;
}

// A cluster controller that tells of one node.
class NodeStates : public DaemonTest {
 protected:
  NodeStates() {
    EXPECT_TRUE(enrol(enrolment(add("cc-1", "cluster"))));
    using DescribeZone = soap::cluster::DescribeZone;
    cluster.serve<DescribeZone>({soap::Role::cloud}, [this](soap::Caller, DescribeZone::Request) {
      return answer(runtime, zone, generation, clock_ahead, silent);
    });
    network.attach(ServiceName("cc-1"), cluster);
    auto& node = zone.emplace_back();
    node.node.nodeName = "nc-1";
    node.node.state = "ready";
    node.reachable = true;
  }
  static Task<soap::cluster::DescribeZone::Reply> answer(common::Runtime& runtime,
                                                         std::vector<cluster__zoneNode> nodes,
                                                         std::int64_t generation,
                                                         std::chrono::milliseconds ahead,
                                                         std::chrono::milliseconds silent) {
    co_await runtime.sleep_for(100ms);
    soap::cluster::DescribeZone::Reply reply;
    reply.bootId = "boot";
    reply.generation = generation;
    for (auto& node : nodes) {
      node.silentMs = silent.count();
      node.node.clockMs = (runtime.now() + ahead - silent).time_since_epoch().count();
    }
    reply.nodes = std::move(nodes);
    co_return reply;
  }
  std::string reason() {
    ++generation;
    world.run_for(5s);
    std::string text;
    const auto state = state_of("nc-1", &text);
    return state + ": " + text;
  }

  soap::Dispatcher cluster;
  std::vector<cluster__zoneNode> zone;
  std::int64_t generation = 1;
  std::chrono::milliseconds clock_ahead{}, silent{};
};

TEST_F(NodeStates, ANodesStateIsShownWithItsReason) {
  const auto token = add("nc-1", "node");
  EXPECT_EQ(reason(), "NOTREADY: not enrolled");
  ASSERT_TRUE(enrol(enrolment(token, node_component())));
  EXPECT_EQ(reason(), "ENABLED: ");
  silent = 2500ms;  // its clock was read that long ago
  EXPECT_EQ(reason(), "ENABLED: ");
  clock_ahead = 75s;
  EXPECT_EQ(reason(), "NOTREADY: clock off by 75 s: it is ahead of the cloud controller's");
  clock_ahead = -75s;
  EXPECT_EQ(reason(), "NOTREADY: clock off by 75 s: it is behind the cloud controller's");
  clock_ahead = 10s;
  EXPECT_EQ(reason(), "ENABLED: ") << "within the limit";
  zone[0].node.state = "notready";
  zone[0].node.reason = "the disk is full";
  EXPECT_EQ(reason(), "NOTREADY: the disk is full");
  zone[0].reachable = false;
  zone[0].node.reason = "node nc-1 does not answer: connection refused";
  EXPECT_EQ(reason(), "NOTREADY: node nc-1 does not answer: connection refused");
  ASSERT_TRUE(call("ModifyService", {{"Name", "nc-1"}, {"State", "STOPPED"}}));
  EXPECT_EQ(reason(), "STOPPED: stopped by request");
}

TEST_F(NodeStates, ANodeOfASilentClusterControllerIsSilentToo) {
  ASSERT_TRUE(enrol(enrolment(add("nc-1", "node"), node_component())));
  EXPECT_EQ(reason(), "ENABLED: ");
  network.detach(ServiceName("cc-1"));
  world.run_for(20s);
  std::string text;
  EXPECT_EQ(state_of("nc-1", &text), "NOTREADY");
  EXPECT_TRUE(text.starts_with("silent for ")) << text;
  EXPECT_EQ(state_of("cc-1", &text), "NOTREADY");
  EXPECT_TRUE(text.starts_with("silent for ")) << text;
}

TEST_F(DaemonTest, AClockThatSpoilsAllMessagesIsNamedAsTheReason) {
  ASSERT_TRUE(enrol(enrolment(add("cc-1", "cluster"))));
  soap::Dispatcher cluster;
  using Describe = soap::cluster::DescribeServices;
  cluster.serve<Describe>({soap::Role::cloud}, [](soap::Caller, Describe::Request) {
    return []() -> Task<Describe::Reply> {
      co_return Error(soap::SoapErrc::expired,
                      "clock off by 75 s: that of clc-1 is ahead of that of cc-1");
    }();
  });
  network.attach(ServiceName("cc-1"), cluster);
  world.run_for(3s);
  std::string reason;
  EXPECT_EQ(state_of("cc-1", &reason), "NOTREADY");
  EXPECT_TRUE(reason.starts_with("clock off by 75 s")) << reason;
}

}  // namespace
}  // namespace angophora::clc
