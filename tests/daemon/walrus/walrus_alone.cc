// The object store alone: everything of angophora-walrus but its neighbours. Accounts and keys come
// from a file instead of the cloud controller:
//
//   walrus-alone --identities FILE --state-dir DIR --port 0 --port-file FILE
//
// Each line of FILE is: account-id canonical-id account-name access-key secret-key. When it serves,
// the port of S3 stands in the port file.
#include <fstream>
#include <iostream>

#include "common/log/log.h"
#include "common/runtime/real_runtime.h"
#include "walrus/walrus.h"

namespace angophora::walrus {
namespace {

// The daemon's settings and two more.
struct Options {
  Config config;
  std::string identities, port_file;
};

Options read_options(int argc, char** argv) {
  Options options;
  std::vector<const char*> rest;
  for (int i = 0; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--identities" && i + 1 < argc)
      options.identities = argv[++i];
    else if (word == "--port-file" && i + 1 < argc)
      options.port_file = argv[++i];
    else
      rest.push_back(argv[i]);
  }
  options.config = config::load<Config>("walrus-alone", static_cast<int>(rest.size()), rest.data());
  options.config.listen_address = "127.0.0.1";
  return options;
}

IdentityList read_identities(const std::string& file) {
  IdentityList list;
  list.version = 1;
  std::ifstream in(file);
  Account account;
  std::string id, key, secret;
  while (in >> id >> account.canonical_id >> account.name >> key >> secret) {
    account.id = common::AccountId(id);
    list.accounts.push_back(account);
    const common::UserId user("user-of-" + id);
    list.users.push_back({user, account.id, "admin", "arn:aws:iam::" + id + ":user/admin", true});
    list.keys.push_back({key, user, secret, true});
  }
  return list;
}

common::awaitable<void> serve(common::RealRuntime& runtime, const Options& given,
                              admin::Metrics& metrics, std::unique_ptr<Walrus>& walrus) {
  Unseal unseal = [](const std::string& sealed) { return Result<std::string>(sealed); };
  Walrus::Seams real;
  auto opened =
      co_await Walrus::open(runtime, given.config, std::move(unseal), metrics, std::move(real));
  if (!opened) {
    std::cerr << opened.error().message << "\n";
    runtime.stop();
    co_return;
  }
  walrus = std::move(opened).assume_value();
  walrus->identities().replace(read_identities(given.identities), runtime.now());
  const auto served = walrus->serve_s3(given.config, std::nullopt);
  if (!served) {
    std::cerr << served.error().message << "\n";
    runtime.stop();
    co_return;
  }
  walrus->begin_sweep();
  std::ofstream(given.port_file + ".new") << walrus->s3_port() << "\n";
  std::rename((given.port_file + ".new").c_str(), given.port_file.c_str());
}

int run(int argc, char** argv) {
  const auto given = read_options(argc, argv);
  auto level = log::Level::info;
  log::parse_level(given.config.log_level, level);
  log::start("walrus", level);
  common::RealRuntimeOptions options;
  options.pool_threads = given.config.worker_threads;
  common::RealRuntime runtime(options);
  admin::Metrics metrics;
  std::unique_ptr<Walrus> walrus;
  runtime.spawn("serve", serve(runtime, given, metrics, walrus));
  runtime.run();
  return walrus ? 0 : 1;
}

}  // namespace
}  // namespace angophora::walrus

int main(int argc, char** argv) { return angophora::walrus::run(argc, argv); }
