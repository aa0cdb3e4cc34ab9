#include "clc/testing/action_fixture.h"

#include <stdexcept>

#include "clc/store/accounts.h"

namespace angophora::clc::testing {

Caller caller_of(const std::string& account_id, const std::string& user_name) {
  Caller caller;
  caller.account = AccountId(account_id);
  caller.account_name = "account-of-" + user_name;
  caller.user = UserId("AIDA" + account_id);
  caller.user_name = user_name;
  caller.user_arn = "arn:aws:iam::" + account_id + ":user/" + user_name;
  caller.request_id = "11111111-2222-3333-4444-555555555555";
  caller.version = "2016-11-15";
  caller.endpoint = "http://127.0.0.1:8773";
  return caller;
}

namespace {

KeyWithCertificate test_key(const std::string& name) {
  auto key = crypto::PrivateKey::generate(1024);
  if (!key) throw std::runtime_error(key.error().message);
  crypto::CertificateSubject subject;
  subject.common_name = name;
  subject.not_after = common::SysTime(std::chrono::hours(24 * 365 * 70));
  subject.serial = "1";
  auto certificate = crypto::Certificate::self_signed(key.value(), subject);
  if (!certificate) throw std::runtime_error(certificate.error().message);
  return {key.value(), certificate.value()};
}

}  // namespace

const CloudKeys& test_keys() {
  static const CloudKeys keys{
      test_key("clc"), test_key("clc"), test_key("images"), std::string(32, 's'),
      std::make_shared<crypto::KeyRing>(
          std::vector<crypto::RingKey>{{"00000001", std::string(32, 'm')}})};
  return keys;
}

ActionFixture::ActionFixture()
    : caller(caller_of("123456789012", "ana")), stranger(caller_of("210987654321", "eve")) {
  db::Options options;
  options.path = ":memory:";
  options.inline_io = true;
  auto opened = db::Database::open(runtime, options, kMigrations);
  if (!opened) throw std::runtime_error(opened.error().message);
  database = std::move(opened).value();
  services.emplace(Services{runtime, *database, config, keys, properties, states, pages, changes,
                            OwnAddress{"10.0.0.1", 8779}, nullptr});
}

Result<Reply> ActionFixture::call_as(Caller who, std::string_view name, Pairs pairs) {
  const auto* action = find_action(name);
  if (!action) return Error(RequestErrc::unknown_action, "no action " + std::string(name));
  TRY(auto parameters, Parameters::parse(std::move(pairs)));
  return world.run<Result<Reply>>(runtime,
                                  action->run(*services, std::move(who), std::move(parameters)));
}

void ActionFixture::add_account_of(const Caller& who) {
  const Account account{who.account, who.account_name, std::string(52, '0') + who.account.value,
                        runtime.now()};
  const auto added = write([&account](Tx& tx) { return Accounts(tx).insert(account); });
  if (!added) throw std::runtime_error(added.error().message);
}

}  // namespace angophora::clc::testing
