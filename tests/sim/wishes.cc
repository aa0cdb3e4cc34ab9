#include "tests/sim/wishes.h"

namespace angophora::sim {

using common::Errc;

bool is_passing(const common::Error& error) {
  return error.code == Errc::unavailable || error.code == Errc::timed_out ||
         error.code == Errc::cancelled;
}

std::shared_ptr<Wish<clc::Reply>> Wishes::action(const std::string& account,
                                                 const std::string& action,
                                                 Cloud::Pairs parameters) {
  auto wish = std::make_shared<Wish<clc::Reply>>();
  wish->what = action + " " + parameters.front().second + " " + parameters.back().second;
  wish->ask = [this, account, action, parameters](Cloud::Done done) {
    cloud_.call(account, action, parameters, std::move(done));
  };
  return wish;
}

std::shared_ptr<Wish<WebAnswer>> Wishes::s3(const std::string& account, S3Request request) {
  auto wish = std::make_shared<Wish<WebAnswer>>();
  wish->what = request.method + " " + request.target;
  wish->ask = [this, account, request](Cloud::S3Done done) {
    cloud_.ask_s3(account, request, std::move(done));
  };
  return wish;
}

}  // namespace angophora::sim
