#include "tests/sim/cloud.h"

#include <filesystem>
#include <stdexcept>

#include "clc/actions/action_table.h"
#include "clc/store/identities.h"
#include "clc/testing/action_fixture.h"
#include "common/crypto/digest.h"
#include "common/registry/token.h"
#include "common/sigv/sign.h"

namespace angophora::sim {

using common::Errc;
using common::Error;
using common::Result;
using common::Task;

Folder::Folder() {
  const bool has_memory = std::filesystem::is_directory("/dev/shm");
  path_ = has_memory ? "/dev/shm/angophora-sim-XXXXXX" : "/tmp/angophora-sim-XXXXXX";
  if (!mkdtemp(path_.data())) throw std::runtime_error("no folder for the simulation");
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

namespace {

clc::Caller caller_of(const std::string& account) {
  auto caller = clc::testing::caller_of(account, "user");
  return caller;
}

Task<clc::Reply> act(clc::Daemon& daemon, clc::Caller caller, std::string name,
                     Cloud::Pairs pairs) {
  const auto* action = clc::find_action(name);
  if (!action) co_return Error(Errc::internal, "no action " + name);
  CO_TRY(auto parameters, clc::Parameters::parse(std::move(pairs)));
  auto& services = daemon.services();
  co_return co_await action->run(services, std::move(caller), std::move(parameters));
}

// --- the installation ---

Task<> enrol(clc::Daemon& daemon, const Keys& keys, std::string name, std::string type,
             int number) {
  Cloud::Pairs pairs{{"Name", name}, {"Type", type}, {"Host", "10.0.0." + std::to_string(number)}};
  if (type != "walrus") pairs.emplace_back("Partition", "zone-a");
  auto administrator = caller_of("123456789012");
  administrator.cloud_administrator = true;
  std::string action = "RegisterService";
  CO_TRY(const auto made,
         co_await act(daemon, std::move(administrator), std::move(action), std::move(pairs)));
  CO_TRY(const auto token, registry::parse_token(*made.find("enrolmentToken")));
  soap::cloud::Enrol::Request request;
  request.name = token.service_name;
  request.tokenId = token.id;
  request.signingCertificate = request.encryptionCertificate =
      keys.of(ServiceName(token.service_name)).certificate.der();
  request.mac = registry::enrolment_mac(token.secret, request.name, request.tokenId,
                                        request.signingCertificate, request.encryptionCertificate);
  soap::Caller caller{ServiceName(), Role::stranger, "r", request.signingCertificate};
  soap::Message message(std::move(request));
  const auto& operation = soap::cloud::Enrol::kOperation;
  CO_TRY(auto reply,
         co_await daemon.dispatcher().deliver(operation, std::move(caller), std::move(message)));
  co_return common::ok();
}

Result<> add_accounts(clc::Tx& tx, const Keys& keys) {
  clc::Identities identities(tx);
  for (const std::string account : kAccounts) {
    const auto& user = keys.of_user(account);
    const clc::UserId id("AIDA" + account);
    const std::string canonical_id(64, account[0]);
    TRY_VOID(identities.insert(clc::Account{clc::AccountId(account), account, canonical_id, {}}));
    TRY_VOID(
        identities.insert(clc::User{id, clc::AccountId(account), "user", "/", {}, true, true}));
    TRY_VOID(identities.insert(clc::AccessKey{user.access_key, id, user.secret, true, {}}));
    TRY_VOID(identities.insert(
        clc::UserCertificate{"ASCA" + account, id, user.certificate.pem(), true, {}}));
  }
  return common::ok();
}

Task<> install(clc::Daemon& daemon, const Keys& keys) {
  const std::pair<const char*, const char*> components[] = {{"cc", "cluster"},    {"sc", "storage"},
                                                            {"walrus", "walrus"}, {"nc-1", "node"},
                                                            {"nc-2", "node"},     {"nc-3", "node"}};
  int number = 2;
  for (const auto& [name, type] : components) {
    std::string n = name, t = type;
    CO_TRY_VOID(co_await enrol(daemon, keys, std::move(n), std::move(t), number++));
  }
  auto administrator = caller_of("123456789012");
  administrator.cloud_administrator = true;
  Cloud::Pairs pool{{"Name", "network.public_addresses"}, {"Value", "198.51.100.1-198.51.100.12"}};
  std::string action = "ModifyPropertyValue";
  CO_TRY_VOID(co_await act(daemon, std::move(administrator), std::move(action), std::move(pool)));
  const auto add = [&keys](clc::Tx& tx) { return add_accounts(tx, keys); };
  CO_TRY_VOID(co_await daemon.services().db.write(add));
  daemon.services().changes.identities.notify();
  co_return common::ok();
}

// --- S3 ---

// A body that comes piece by piece, as fast as the network is, or breaks off.
class ArrivingBody final : public http::BodyReader {
 public:
  ArrivingBody(common::Runtime& runtime, Network& network, std::string bytes)
      : runtime_(runtime), network_(network), bytes_(std::move(bytes)) {}
  std::optional<std::uint64_t> length() const override { return bytes_.size(); }
  Task<std::size_t> read(std::span<char> into) override {
    constexpr std::size_t kPieceBytes = 3000;
    if (at_ == bytes_.size()) co_return std::size_t{0};
    const auto takes = network_.delay();
    co_await runtime_.sleep_for(takes);
    is_broken_ = is_broken_ || network_.chance(network_.weather.loss_permille / 4);
    if (is_broken_) co_return Error(Errc::unavailable, "the connection broke");
    const auto count = std::min({into.size(), bytes_.size() - at_, kPieceBytes});
    bytes_.copy(into.data(), count, at_);
    at_ += count;
    co_return count;
  }
  bool is_broken() const { return is_broken_; }

 private:
  common::Runtime& runtime_;
  Network& network_;
  const std::string bytes_;
  std::size_t at_ = 0;
  bool is_broken_ = false;
};

WebRequest signed_by(const UserKeys& user, const S3Request& request, common::SysTime now) {
  sigv::SignedRequest to_sign;
  to_sign.method = request.method;
  to_sign.target = request.target;
  to_sign.headers = {{"Host", "s3.sim"}};
  to_sign.body_sha256 = crypto::sha256_hex(request.body);
  const sigv::Credentials credentials{user.access_key, user.secret, ""};
  sigv::sign_v4(to_sign, credentials, {"angophora", "s3", sigv::Rules::s3}, now);
  WebRequest ready{request.method, request.target, {}, request.body, {}};
  for (const auto& [name, value] : to_sign.headers) ready.headers.add(name, value);
  ready.headers.add("Content-Length", std::to_string(request.body.size()));
  return ready;
}

Task<WebAnswer> ask(Web web, WebRequest request, std::shared_ptr<ArrivingBody> body) {
  std::shared_ptr<http::BodyReader> reader = body;
  CO_TRY(auto answer, co_await serve_web(std::move(web), std::move(request), std::move(reader)));
  if (body->is_broken()) co_return Error(Errc::unavailable, "the connection broke");
  if (answer.status == 503) co_return Error(Errc::unavailable, answer.body);
  co_return answer;
}

}  // namespace

Installed::Installed() : bundles_(make_bundles(keys_, folder_.path())) {
  common::SimWorld world(0);
  Trace trace(world, false);
  Network network(world, trace);
  const Surroundings around{world, trace, network, keys_};
  ClcHost clc(around, folder_.path());
  WalrusHost walrus(around, folder_.path());
  const auto must = [](bool is_done, const std::string& why = "it does not start") {
    if (!is_done) throw std::runtime_error("the cloud cannot be installed: " + why);
  };
  clc.start();
  must(world.run_until([&] { return clc.serving() != nullptr; }, std::chrono::seconds(60)));
  world.run(clc.runtime(), install(*clc.serving(), keys_)).value();
  walrus.start();
  must(world.run_until(
      [&] {
        return walrus.serving() && walrus.serving()->walrus().identities().identities()->account(
                                       common::AccountId(kAccounts[0]));
      },
      std::chrono::seconds(60)));
  const auto& bundle = bundles_.front();
  const auto put = [&](std::string target, std::string body) {
    const S3Request request{"PUT", std::move(target), std::move(body)};
    auto ready = signed_by(keys_.of_user(bundle.account), request, world.now());
    auto arriving = std::make_shared<ArrivingBody>(walrus.runtime(), network, request.body);
    auto put_it = ask(walrus.web(), std::move(ready), std::move(arriving));
    const auto answer = world.run(walrus.runtime(), std::move(put_it));
    must(answer && answer.value().status == 200,
         answer ? answer.value().body : answer.error().message);
  };
  put("/images", "");
  for (const auto& [name, bytes] : bundle.files) put("/images/first/" + name, bytes);
  const auto call = [&](std::string action, Cloud::Pairs pairs) {
    auto caller = caller_of(bundle.account);
    return world
        .run(clc.runtime(),
             act(*clc.serving(), std::move(caller), std::move(action), std::move(pairs)))
        .value();
  };
  const auto registered =
      call("RegisterImage",
           {{"ImageLocation", "images/first/" + bundle.manifest_name()}, {"Name", "first"}});
  image_ = registered.find("imageId").value();
  call("ModifyImageAttribute", {{"ImageId", image_}, {"LaunchPermission.Add.1.Group", "all"}});
}

// Files only: empty folders are made by those who want them, which is quicker.
void Installed::copy_to(const std::string& folder) const {
  namespace fs = std::filesystem;
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
    if (!entry.is_regular_file()) continue;
    const auto to = fs::path(folder) / fs::relative(entry.path(), folder_.path());
    fs::create_directories(to.parent_path());
    fs::copy_file(entry.path(), to);
  }
}

// --- the cloud ---

Cloud::Cloud(common::SimWorld& w, Trace& t, const Installed& of)
    : installed(of),
      world(w),
      trace(t),
      network(world, trace),
      clc_(around(), folder_.path()),
      cc_(around(), "cc", folder_.path(), cc::Config()),
      sc_(around(), folder_.path()),
      walrus_(around(), folder_.path()) {
  installed.copy_to(folder_.path());
  int number = 1;
  for (auto& node : nodes_) {
    const nc::Resources total{4, 8192, 100};
    node =
        std::make_unique<NcHost>(around(), "nc-" + std::to_string(number++), folder_.path(), total);
  }
}

std::vector<Host*> Cloud::hosts() {
  std::vector<Host*> all{&clc_, &cc_, &sc_, &walrus_};
  for (auto& node : nodes_) all.push_back(node.get());
  return all;
}

void Cloud::start_all() {
  for (auto* host : hosts()) host->start();
}

namespace {

common::awaitable<void> act_and_tell(clc::Daemon& daemon, clc::Caller caller, std::string name,
                                     Cloud::Pairs pairs, Cloud::Done done) {
  auto reply = co_await act(daemon, std::move(caller), std::move(name), std::move(pairs));
  done(std::move(reply));
}

}  // namespace

void Cloud::call(const std::string& account, std::string action, Pairs parameters, Done done) {
  auto* daemon = clc_.serving();
  if (!daemon) {
    done(Error(Errc::unavailable, "nobody listens"));
    return;
  }
  clc_.runtime().spawn("call", act_and_tell(*daemon, caller_of(account), std::move(action),
                                            std::move(parameters), std::move(done)));
}

namespace {

common::awaitable<void> ask_and_tell(Web web, WebRequest request,
                                     std::shared_ptr<ArrivingBody> body, Cloud::S3Done done) {
  auto answer = co_await ask(std::move(web), std::move(request), std::move(body));
  done(std::move(answer));
}

}  // namespace

void Cloud::ask_s3(const std::string& account, S3Request request, S3Done done) {
  if (!walrus_.serving()) {
    done(Error(Errc::unavailable, "nobody listens"));
    return;
  }
  auto ready = signed_by(installed.keys().of_user(account), request, world.now());
  auto body = std::make_shared<ArrivingBody>(walrus_.runtime(), network, request.body);
  walrus_.runtime().spawn(
      "s3", ask_and_tell(walrus_.web(), std::move(ready), std::move(body), std::move(done)));
}

}  // namespace angophora::sim
