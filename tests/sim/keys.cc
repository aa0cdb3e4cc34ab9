#include "tests/sim/keys.h"

#include "clc/testing/action_fixture.h"

namespace angophora::sim {
namespace {

ComponentKey make_key(const std::string& name, int bits) {
  auto key = crypto::PrivateKey::generate(bits).value();
  crypto::CertificateSubject subject;
  subject.common_name = name;
  subject.not_after = common::SysTime(std::chrono::hours(24 * 365 * 70));
  subject.serial = "7";
  auto certificate = crypto::Certificate::self_signed(key, subject).value();
  return {std::move(key), std::move(certificate)};
}

}  // namespace

Keys::Keys() {
  constexpr int kComponentBits = 2048;  // the least that may enrol
  constexpr int kUserBits = 1024;
  for (const char* name : {"cc", "sc", "walrus", "nc-1", "nc-2", "nc-3"})
    components_.emplace(common::ServiceName(name), make_key(name, kComponentBits));
  for (const std::string account : kAccounts) {
    auto made = make_key("user@" + account, kUserBits);
    users_.emplace(account, UserKeys{account, "AKIA" + account, "secret of " + account,
                                     std::move(made.key), std::move(made.certificate)});
  }
}

const clc::CloudKeys& Keys::cloud() const { return clc::testing::test_keys(); }

}  // namespace angophora::sim
