#include "common/admin/admin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/http/client.h"
#include "common/runtime/real_runtime.h"

namespace angophora::admin {
namespace {

using ::testing::HasSubstr;

struct Seen {
  int status = 0;
  std::string text;
};

class AdminTest : public ::testing::Test {
 protected:
  // Asks the listener and returns what it says; the runtime runs no longer than that.
  Seen ask(std::string target, std::string method = "GET") {
    auto body = [](common::RealRuntime& r, std::uint16_t port, std::string m, std::string t,
                   Seen& seen) -> boost::asio::awaitable<void> {
      http::Client client(r, {});
      http::ClientRequest request;
      request.method = m;
      request.url.host = "127.0.0.1";
      request.url.port = port;
      request.url.target = t;
      auto response = co_await client.send(std::move(request));
      if (response) {
        seen.status = response.value().status;
        auto text = co_await response.value().body->read_all(1 << 20);
        if (text) seen.text = text.value();
      }
      r.stop();
    };
    Seen seen;
    runtime_.spawn("ask", body(runtime_, admin_->port(), method, target, seen));
    runtime_.run();
    return seen;
  }

  common::RealRuntime runtime_{{.pool_threads = 1, .handle_signals = false}};
  Metrics metrics_;
  std::unique_ptr<Admin> admin_ =
      std::move(Admin::listen(runtime_, "127.0.0.1", 0, metrics_)).value();
};

TEST_F(AdminTest, IsHealthyBeforeItIsReady) { EXPECT_EQ(ask("/healthz").status, 200); }

TEST_F(AdminTest, IsNotReadyWhileStarting) {
  const auto seen = ask("/readyz");
  EXPECT_EQ(seen.status, 503);
  EXPECT_EQ(seen.text, "starting\n");
}

TEST_F(AdminTest, SaysWhyItIsNotReady) {
  admin_->set_ready(true);
  admin_->set_ready(false, "not enrolled");
  const auto seen = ask("/readyz");
  EXPECT_EQ(seen.status, 503);
  EXPECT_EQ(seen.text, "not enrolled\n");
}

TEST_F(AdminTest, IsReadyWhenToldSo) {
  admin_->set_ready(true);
  EXPECT_EQ(ask("/readyz").status, 200);
}

TEST_F(AdminTest, ServesTheFigures) {
  metrics_.counter("answers_total", "Answers.").add(42);
  const auto seen = ask("/metrics");
  EXPECT_EQ(seen.status, 200);
  EXPECT_THAT(seen.text, HasSubstr("answers_total 42\n"));
  EXPECT_THAT(seen.text, HasSubstr("process_open_fds "));
}

TEST_F(AdminTest, RefusesOtherMethods) { EXPECT_EQ(ask("/metrics", "DELETE").status, 405); }

TEST_F(AdminTest, KnowsNoOtherPath) { EXPECT_EQ(ask("/secrets").status, 404); }

TEST(Admin, NamesThePortItCannotBind) {
  common::RealRuntime runtime({.pool_threads = 1, .handle_signals = false});
  Metrics metrics;
  const auto first = Admin::listen(runtime, "127.0.0.1", 0, metrics);
  ASSERT_TRUE(first);
  const auto second = Admin::listen(runtime, "127.0.0.1", first.value()->port(), metrics);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, common::Errc::io);
  EXPECT_THAT(second.error().message, HasSubstr(std::to_string(first.value()->port())));
}

}  // namespace
}  // namespace angophora::admin
