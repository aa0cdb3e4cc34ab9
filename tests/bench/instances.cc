// How fast the cloud controller lists and launches instances: the real daemon, its real database
// on a real disk, signed requests through its front door, and a simulated cluster.
//
//   angophora-bench-instances [--dir DIR] [--there N] [--rate PER_SECOND] [--seconds S]
//
// First N instances are put into the database, then pages of 1,000 are read, and then instances
// are launched one a request at the given rate, whether or not earlier requests were answered.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "clc/domain/secrets.h"
#include "clc/http/front_door.h"
#include "clc/store/accounts.h"
#include "clc/store/identities.h"
#include "clc/store/images.h"
#include "clc/store/instances.h"
#include "clc/store/registrations.h"
#include "clc/testing/text_body.h"
#include "common/crypto/digest.h"
#include "common/log/log.h"
#include "common/sigv/sign.h"
#include "tests/bench/cloud_bench.h"
#include "tests/bench/simulated_cluster.h"

namespace angophora::bench {
namespace {

using namespace std::chrono_literals;
using clc::Tx;
using common::Duration;
using common::Result;
using common::ServiceName;
using common::SteadyTime;

constexpr char kImage[] = "emi-0123456789abcdef0";
constexpr int kNodes = 100;

struct Options {
  std::string dir = "/var/tmp";
  int there = 100'000;
  int rate = 500;
  int seconds = 20;
};

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--dir")
      options.dir = argv[i + 1];
    else if (name == "--there")
      options.there = std::atoi(argv[i + 1]);
    else if (name == "--rate")
      options.rate = std::atoi(argv[i + 1]);
    else if (name == "--seconds")
      options.seconds = std::atoi(argv[i + 1]);
    else
      return false;
  }
  return argc % 2 == 1 && options.rate > 0 && options.seconds > 0;
}

void print(const char* what, std::vector<double> ms) {
  if (ms.empty()) return;
  std::sort(ms.begin(), ms.end());
  const auto at = [&](double part) {
    return ms[static_cast<std::size_t>(part * static_cast<double>(ms.size() - 1))];
  };
  std::printf("%-28s %6zu times: median %.1f ms, p99 %.1f ms, longest %.1f ms\n", what, ms.size(),
              at(0.5), at(0.99), ms.back());
}

clc::Config large_network() {
  clc::Config config;
  config.instance_network = "10.0.0.0/8";
  return config;
}

class Bench final : public CloudBench {
 public:
  Bench(common::RealRuntime& runtime, Options options)
      : CloudBench(runtime, options.dir, large_network()),
        options_(std::move(options)),
        cluster_(runtime, kNodes) {
    network_.attach(ServiceName("cc"), cluster_.dispatcher());
  }
  ~Bench() override { daemon_.reset(); }  // which may refer to what follows

 private:
  Task<> measure() override {
    CO_TRY_VOID(co_await daemon_->start());
    CO_TRY_VOID(co_await furnish());
    // Whoever was there before this start is taken up, as after a restart.
    co_await runtime_.sleep_for(5s);
    CO_TRY_VOID(co_await list());
    CO_TRY_VOID(co_await launch());
    CO_TRY_VOID(co_await list());
    co_return common::ok();
  }

  Task<> furnish() {
    const auto find = [](Tx& tx) { return clc::Identities(tx).access_keys(); };
    CO_TRY(const auto keys, co_await daemon_->services().db.read(find));
    const auto& masters = *daemon_->services().keys.masters;
    CO_TRY(const auto secret, clc::open_secret(masters, keys.front()));
    key_ = {keys.front().id, secret, ""};
    const auto begin = runtime_.steady_now();
    const auto now = runtime_.now();
    const auto add = [now](Tx& tx) { return add_surroundings(tx, now); };
    CO_TRY(account_, co_await daemon_->services().db.write(add));
    daemon_->services().properties.set("cloud.instances_max", "1000000");
    for (int first = 0; first < options_.there; first += 1000) {
      const int last = std::min(first + 1000, options_.there);
      const auto fill = [this, first, last, now](Tx& tx) -> Result<> {
        for (int i = first; i < last; ++i) TRY_VOID(clc::Instances(tx).insert(old_one(i, now)));
        return common::ok();
      };
      CO_TRY_VOID(co_await daemon_->services().db.write(fill));
    }
    daemon_->services().changes.registry.notify();
    daemon_->services().changes.network.notify();
    std::printf("%d instances put there in %.1f s\n", options_.there,
                std::chrono::duration<double>(runtime_.steady_now() - begin).count());
    co_return common::ok();
  }

  // The account of the administrator, a cluster controller, its nodes and an image.
  static Result<common::AccountId> add_surroundings(Tx& tx, common::SysTime now) {
    clc::Registrations registrations(tx);
    const auto add = [&](const std::string& name, clc::ServiceType type, int port) -> Result<> {
      clc::Service service;
      service.name = ServiceName(name);
      service.type = type;
      service.zone = common::ZoneName("zone-a");
      service.host = "127.0.0.1";
      service.port = static_cast<std::uint16_t>(port);
      return registrations.insert(service);
    };
    TRY_VOID(add("cc", clc::ServiceType::cluster, 1));
    TRY_VOID(registrations.enrol(ServiceName("cc"), "signing", "encryption", now));
    for (int i = 0; i < kNodes; ++i)
      TRY_VOID(add(SimulatedCluster::node_name(i), clc::ServiceType::node, 100 + i));
    TRY(const auto accounts, clc::Accounts(tx).list());
    clc::Image image;
    image.id = common::ImageId(kImage);
    image.owner = accounts.front().id;
    image.name = "image";
    image.location = "images/image.manifest.xml";
    image.virtualization = "hvm";
    image.created_at = now;
    image.bytes = 1 << 30;
    TRY_VOID(clc::Images(tx).insert(image));
    return accounts.front().id;
  }

  // One that runs since long in a zone of which nobody reports.
  clc::Instance old_one(int number, common::SysTime now) const {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%017x", number);
    clc::Instance i;
    i.id = common::InstanceId(std::string("i-") + digits);
    i.reservation = clc::ReservationId(std::string("r-") + digits);
    i.account = account_;
    i.zone = common::ZoneName("zone-b");
    i.type = "t2.micro";
    i.resources = {1, 1024, 10};
    i.image = common::ImageId(kImage);
    i.user_data = std::string(1000, 'u');
    i.groups = {{common::GroupId("sg-0123456789abcdef0"), "default"}};
    i.tags = {{"Name", "old"}, {"number", std::to_string(number)}};
    i.state = clc::InstanceState::running;
    i.node = common::NodeName("far-" + std::to_string(number % 1000));
    i.mac = "d0:0d:00:00:00:00";
    i.private_ip = (172u << 24) + static_cast<std::uint32_t>(number);
    i.launched_at = i.changed_at = now;
    return i;
  }

  // Sends a signed form; the body of the answer, when it is a good one.
  Task<std::string> send(std::string form) {
    sigv::SignedRequest signed_form;
    signed_form.method = "POST";
    signed_form.target = "/";
    signed_form.headers = {{"Host", "127.0.0.1:8773"},
                           {"Content-Type", "application/x-www-form-urlencoded"}};
    form += "&Version=2016-11-15";
    signed_form.form = form;
    signed_form.body_sha256 = crypto::sha256_hex(form);
    sigv::Scope scope;
    scope.region = "angophora";
    scope.service = "ec2";
    sigv::sign_v4(signed_form, key_, scope, runtime_.now());
    clc::testing::TextBody body(std::move(form));
    http::Request request;
    request.method = "POST";
    request.target = "/";
    for (auto& [name, value] : signed_form.headers) request.headers.add(name, value);
    request.body = &body;
    auto response = co_await daemon_->front_door().handle(request);
    auto text = std::get<std::string>(std::move(response.body));
    if (response.status == 200) co_return text;
    co_return common::Error(common::Errc::internal, text);
  }

  Task<> list() {
    std::vector<double> took;
    std::string token;
    do {
      auto form = "Action=DescribeInstances&MaxResults=1000" +
                  (token.empty() ? std::string() : "&NextToken=" + token);
      const auto begin = runtime_.steady_now();
      CO_TRY(const auto answer, co_await send(std::move(form)));
      took.push_back(ms_since(begin));
      const auto at = answer.find("<nextToken>");
      token = at == std::string::npos ? std::string()
                                      : answer.substr(at + 11, answer.find('<', at + 11) - at - 11);
    } while (!token.empty() && took.size() < 30);
    print("DescribeInstances of 1,000:", std::move(took));
    co_return common::ok();
  }

  static common::awaitable<void> launch_one(Bench& bench, SteadyTime due) {
    std::string form = std::string("Action=RunInstances&MinCount=1&MaxCount=1&ImageId=") + kImage;
    const auto answer = co_await bench.send(std::move(form));
    bench.launches_.push_back(bench.ms_since(due));
    if (!answer && bench.refused_++ == 0) std::printf("%s\n", answer.error().message.c_str());
    --bench.open_;
    bench.answered_.notify();
  }

  Task<> launch() {
    const auto begin = runtime_.steady_now();
    const int count = options_.rate * options_.seconds;
    for (int i = 0; i < count; ++i) {
      const auto due = begin + Duration(1s) * i / options_.rate;
      if (due > runtime_.steady_now()) co_await runtime_.sleep_for(due - runtime_.steady_now());
      ++open_;
      runtime_.spawn("launch", launch_one(*this, due));
    }
    while (open_ > 0) co_await answered_.wait(runtime_, 1s);
    const auto seconds = std::chrono::duration<double>(runtime_.steady_now() - begin).count();
    std::printf("%d launches asked for at %d/s, answered at %.0f/s, %d refused\n", count,
                options_.rate, count / seconds, refused_);
    print("RunInstances:", std::move(launches_));
    const auto until = runtime_.steady_now() + 60s;
    while (static_cast<int>(cluster_.guests()) < count - refused_ && runtime_.steady_now() < until)
      co_await runtime_.sleep_for(50ms);
    const auto all = std::chrono::duration<double>(runtime_.steady_now() - begin).count();
    std::printf("%zu guests started after %.1f s\n", cluster_.guests(), all);
    if (refused_ > 0) co_return common::Error(common::Errc::internal, "launches were refused");
    co_return common::ok();
  }

  double ms_since(SteadyTime begin) {
    return std::chrono::duration<double, std::milli>(runtime_.steady_now() - begin).count();
  }

  const Options options_;
  SimulatedCluster cluster_;
  sigv::Credentials key_;
  common::AccountId account_;
  std::vector<double> launches_;
  int open_ = 0, refused_ = 0;
  common::Wake answered_;
};

}  // namespace
}  // namespace angophora::bench

int main(int argc, char** argv) {
  using namespace angophora;
  bench::Options options;
  if (!bench::parse(argc, argv, options)) {
    std::fprintf(stderr, "usage: %s [--dir DIR] [--there N] [--rate PER_SECOND] [--seconds S]\n",
                 argv[0]);
    return 2;
  }
  log::start("bench", log::Level::error);
  common::RealRuntime runtime;
  bench::Bench bench(runtime, std::move(options));
  runtime.spawn("bench", bench::Bench::run(bench));
  runtime.run();
  return bench.failed() ? 1 : 0;
}
