// The cloud controller's daemon without sockets, in a simulated world. For tests.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>

#include "clc/actions/action_table.h"
#include "clc/daemon.h"
#include "clc/testing/action_fixture.h"
#include "common/registry/token.h"
#include "common/soap/local_channel.h"

namespace angophora::clc::testing {

struct Component {
  crypto::PrivateKey key;
  std::string certificate;  // DER
};

// RSA of 2048 bits, made once: enrolment takes no less.
inline Component make_component() {
  auto key = crypto::PrivateKey::generate(2048).value();
  crypto::CertificateSubject subject;
  subject.common_name = "component";
  subject.not_after = common::SysTime(std::chrono::hours(24 * 365 * 70));
  subject.serial = "7";
  const auto certificate = crypto::Certificate::self_signed(key, subject).value();
  return Component{key, certificate.der()};
}
inline const Component& component() {
  static const auto made = make_component();
  return made;
}
inline const Component& node_component() {
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
    seams.keys = test_keys();
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
    administrator = caller_of("123456789012", "admin");
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
  Result<Reply> call(std::string_view name, Pairs pairs) {
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

}  // namespace angophora::clc::testing
