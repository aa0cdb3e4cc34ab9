// How the number of accounts and users shows: the real cloud controller with its database on a real
// disk, signed requests of random users through its front door, and Walrus' copy of the identities.
//
//   angophora-bench-identities [--dir DIR] [--accounts N] [--users N] [--requests N]
//
// First with ten accounts, then with N accounts and N users in all, each user with a key.
#include <algorithm>
#include <cstdio>

#include "clc/domain/new_identity.h"
#include "clc/http/front_door.h"
#include "clc/store/access_keys.h"
#include "clc/store/accounts.h"
#include "clc/store/identities.h"
#include "clc/store/registrations.h"
#include "clc/store/users.h"
#include "clc/testing/text_body.h"
#include "clc/testing/user_signer.h"
#include "common/crypto/digest.h"
#include "common/log/log.h"
#include "common/sigv/sign.h"
#include "tests/bench/cloud_bench.h"
#include "walrus/clients/identity_follower.h"
#include "walrus/store/migrations.h"

namespace angophora::bench {
namespace {

using namespace std::chrono_literals;
using clc::Tx;
using common::Result;
using common::ServiceName;
using common::SteadyTime;
using common::Task;

struct Options {
  std::string dir = "/var/tmp";
  int accounts = 10'000;
  int users = 100'000;
  int requests = 5'000;
};

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    int* number = name == "--accounts"   ? &options.accounts
                  : name == "--users"    ? &options.users
                  : name == "--requests" ? &options.requests
                                         : nullptr;
    if (number)
      *number = std::atoi(argv[i + 1]);
    else if (name == "--dir")
      options.dir = argv[i + 1];
    else
      return false;
  }
  return argc % 2 == 1 && options.accounts > 0 && options.users >= options.accounts;
}

class Bench final : public CloudBench {
 public:
  Bench(common::RealRuntime& runtime, Options options)
      : CloudBench(runtime, options.dir, {}), options_(std::move(options)) {}
  ~Bench() override { daemon_.reset(); }  // which may refer to what follows

 private:
  Task<> measure() override {
    CO_TRY_VOID(co_await daemon_->start());
    CO_TRY_VOID(co_await grow_to(10, 100));
    CO_TRY_VOID(co_await ask("10 accounts, 100 users"));
    const auto begin = runtime_.steady_now();
    CO_TRY_VOID(co_await grow_to(options_.accounts, options_.users));
    std::printf("the rest put there in %.1f s\n", ms_since(begin) / 1000);
    CO_TRY_VOID(co_await ask("all accounts and users"));
    CO_TRY_VOID(co_await follow());
    co_return common::ok();
  }

  // Users are spread over the accounts.
  Task<> grow_to(int accounts, int users) {
    auto& db = daemon_->services().db;
    daemon_->services().properties.set("cloud.requests_per_second", "0");  // as fast as it goes
    constexpr int kAtOnce = 2000;
    while (static_cast<int>(accounts_.size()) < accounts) {
      const int count = std::min(kAtOnce, accounts - static_cast<int>(accounts_.size()));
      const auto fill = [this, count](Tx& tx) { return add_accounts(tx, count); };
      CO_TRY_VOID(co_await db.write(fill));
    }
    while (static_cast<int>(keys_.size()) < users) {
      const int count = std::min(kAtOnce, users - static_cast<int>(keys_.size()));
      const auto fill = [this, count](Tx& tx) { return add_users(tx, count); };
      CO_TRY_VOID(co_await db.write(fill));
    }
    co_return common::ok();
  }

  Result<> add_accounts(Tx& tx, int count) {
    for (int i = 0; i < count; ++i) {
      const auto name = "account-" + std::to_string(accounts_.size());
      const auto account = clc::new_account(runtime_, name);
      TRY_VOID(clc::Accounts(tx).insert(account));
      accounts_.push_back(account.id);
    }
    return common::ok();
  }

  Result<> add_users(Tx& tx, int count) {
    for (int i = 0; i < count; ++i) {
      const auto& account = accounts_[keys_.size() % accounts_.size()];
      const auto user =
          clc::new_user(runtime_, account, "user-" + std::to_string(keys_.size()), "/");
      TRY_VOID(clc::Users(tx).insert(user));
      const auto key = clc::new_access_key(runtime_, user.id);
      TRY_VOID(clc::AccessKeys(tx).insert(key));
      keys_.push_back({key.id, key.secret, ""});
    }
    return common::ok();
  }

  // GetCallerIdentity, the action that does nothing but to find out who asks.
  Task<> ask(std::string what) {
    std::vector<double> took;
    for (int i = 0; i < options_.requests; ++i) {
      const auto& key = keys_[runtime_.random_below(keys_.size())];
      const auto begin = runtime_.steady_now();
      CO_TRY_VOID(co_await send(key));
      took.push_back(ms_since(begin));
    }
    std::sort(took.begin(), took.end());
    const auto at = [&](double part) {
      return took[static_cast<std::size_t>(part * static_cast<double>(took.size() - 1))] * 1000;
    };
    std::printf("%-24s %zu requests: median %.0f us, p99 %.0f us\n", what.c_str(), took.size(),
                at(0.5), at(0.99));
    co_return common::ok();
  }

  Task<> send(sigv::Credentials key) {
    std::string form = "Action=GetCallerIdentity&Version=2011-06-15";
    sigv::SignedRequest signed_form;
    signed_form.method = "POST";
    signed_form.target = "/";
    signed_form.headers = {{"Host", "127.0.0.1:8773"},
                           {"Content-Type", "application/x-www-form-urlencoded"}};
    signed_form.form = form;
    signed_form.body_sha256 = crypto::sha256_hex(form);
    sigv::Scope scope;
    scope.region = "angophora";
    scope.service = "sts";
    sigv::sign_v4(signed_form, std::move(key), scope, runtime_.now());
    clc::testing::TextBody body(std::move(form));
    http::Request request;
    request.method = "POST";
    request.target = "/";
    for (auto& [name, value] : signed_form.headers) request.headers.add(name, value);
    request.body = &body;
    auto response = co_await daemon_->front_door().handle(request);
    if (response.status == 200) co_return common::ok();
    co_return common::Error(common::Errc::internal,
                            std::get<std::string>(std::move(response.body)));
  }

  // Walrus' copy: the first of all, and the news of one revoked key.
  Task<> follow() {
    auto& services = daemon_->services();
    const auto reader = clc::testing::user_key("walrus").certificate.der();
    const auto now = runtime_.now();
    const auto add = [reader, now](Tx& tx) -> Result<> {
      clc::Service service;
      service.name = ServiceName("walrus");
      service.type = clc::ServiceType::walrus;
      service.host = "127.0.0.1";
      service.port = 1;
      TRY_VOID(clc::Registrations(tx).insert(service));
      return clc::Registrations(tx).enrol(service.name, reader, reader, now);
    };
    CO_TRY_VOID(co_await services.db.write(add));
    services.changes.registry.notify();
    network_.attach(ServiceName("clc"), daemon_->dispatcher());
    db::Options options;
    options.path = folder_ + "/walrus.db";
    CO_TRY(walrus_db_, db::Database::open(runtime_, options, walrus::kMigrations));

    auto begin = runtime_.steady_now();
    runtime_.spawn("follow", walrus::follow_identities(runtime_, channel_, ServiceName("clc"),
                                                       book_, *walrus_db_));
    while (!book_.usable()) co_await runtime_.sleep_for(1ms);
    std::printf("Walrus' first copy, version %lld, after %.1f s\n",
                static_cast<long long>(book_.version()), ms_since(begin) / 1000);

    std::vector<double> took;
    for (int i = 0; i < 20; ++i) {
      const auto id = keys_[runtime_.random_below(keys_.size())].access_key;
      const auto revoke = [id](Tx& tx) { return clc::AccessKeys(tx).set_active(id, false); };
      CO_TRY_VOID(co_await services.db.write(revoke));
      services.changes.identities.notify();
      begin = runtime_.steady_now();
      while (book_.identities()->find_key(id)) co_await runtime_.sleep_for(200us);
      took.push_back(ms_since(begin));
      co_await runtime_.sleep_for(50ms);
    }
    std::sort(took.begin(), took.end());
    std::printf("a revoked key is dead in Walrus after %.1f ms, at most %.1f ms\n",
                took[took.size() / 2], took.back());
    co_return common::ok();
  }

  double ms_since(SteadyTime begin) const {
    return std::chrono::duration<double, std::milli>(runtime_.steady_now() - begin).count();
  }

  Options options_;
  std::vector<common::AccountId> accounts_;
  std::vector<sigv::Credentials> keys_;
  soap::LocalChannel channel_{runtime_, network_, ServiceName("walrus"), soap::Role::walrus};
  std::unique_ptr<db::Database> walrus_db_;
  walrus::IdentityBook book_{runtime_,
                             [](const std::string& sealed) { return Result<std::string>(sealed); },
                             std::chrono::hours(1)};
};

}  // namespace
}  // namespace angophora::bench

int main(int argc, char** argv) {
  using namespace angophora;
  bench::Options options;
  if (!bench::parse(argc, argv, options)) {
    std::fprintf(stderr, "usage: %s [--dir DIR] [--accounts N] [--users N] [--requests N]\n",
                 argv[0]);
    return 2;
  }
  log::start("bench", log::Level::error);
  common::RealRuntime runtime;
  bench::Bench bench(runtime, options);
  runtime.spawn("bench", bench::Bench::run(bench));
  runtime.run();
  return bench.failed() ? 1 : 0;
}
