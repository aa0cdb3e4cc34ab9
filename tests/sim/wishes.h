// What a user wants and its way to an answer, which is as bad as any: a request whose answer does
// not come is sent again until the cloud says yes or a definite no.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tests/sim/cloud.h"

namespace angophora::sim {

// Errors after which a client tries again.
bool is_passing(const common::Error& error);

template <class Reply>
struct Wish {
  std::string what;  // for the trace
  // Asks at the cloud's door, once for each attempt.
  std::function<void(std::function<void(common::Result<Reply>)>)> ask;
  std::function<void(const Reply&)> granted;
  std::function<void(const common::Error&)> denied;
  int attempt = 0;
  bool over = false;
};

class Wishes {
 public:
  explicit Wishes(Cloud& cloud) : cloud_(cloud), world_(cloud.world) {}

  template <class Reply>
  void pursue(std::shared_ptr<Wish<Reply>> wish) {
    ++open_;
    cloud_.trace.note("user wants " + wish->what);
    send(std::move(wish));
  }
  // A wish for an action of EC2's, still without granted and denied.
  std::shared_ptr<Wish<clc::Reply>> action(const std::string& account, const std::string& action,
                                           Cloud::Pairs parameters);
  // The same of S3.
  std::shared_ptr<Wish<WebAnswer>> s3(const std::string& account, S3Request request);

  // Those under way.
  int open() const { return open_; }

 private:
  static constexpr Duration kPatience = std::chrono::seconds(20);

  template <class Reply>
  using WishPtr = std::shared_ptr<Wish<Reply>>;

  template <class Reply>
  void send(const WishPtr<Reply>& wish) {
    const int attempt = ++wish->attempt;
    send_after(kPatience, wish, attempt);
    auto arrive = [this, wish, attempt] {
      wish->ask([this, wish, attempt](common::Result<Reply> reply) {
        auto& way_back = cloud_.network;
        if (way_back.chance(way_back.weather.loss_permille)) return;
        world_.call_at(world_.steady_now() + way_back.delay(),
                       [this, wish, attempt, reply] { receive(wish, attempt, reply); });
      });
    };
    // Nothing doubles a user's request but the user.
    auto& network = cloud_.network;
    if (!network.chance(network.weather.loss_permille))
      world_.call_at(world_.steady_now() + network.delay(), std::move(arrive));
  }
  // Sends it again unless there is an answer or a later attempt by then.
  template <class Reply>
  void send_after(Duration wait, const WishPtr<Reply>& wish, int attempt) {
    world_.call_at(world_.steady_now() + wait, [this, wish, attempt] {
      if (!wish->over && wish->attempt == attempt) send(wish);
    });
  }
  template <class Reply>
  void receive(const WishPtr<Reply>& wish, int attempt, const common::Result<Reply>& reply) {
    if (wish->over) return;
    if (!reply && is_passing(reply.error())) {
      if (wish->attempt == attempt) send_after(std::chrono::seconds(1), wish, attempt);
      return;
    }
    wish->over = true;
    --open_;
    if (reply)
      wish->granted(reply.value());
    else
      wish->denied(reply.error());
  }

  Cloud& cloud_;
  common::SimWorld& world_;
  int open_ = 0;
};

}  // namespace angophora::sim
