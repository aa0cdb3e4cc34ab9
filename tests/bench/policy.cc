// How long one decision of common/policy takes, and how long a policy takes to be read.
//
//   angophora-bench-policy [--seconds S]     for each case (default 2), of CPU
//
// Ten policies of ten statements each. In "others" no statement is for the action, in "conditions"
// every statement is and only its condition says no, in "all of it" there are variables, lists and
// a bucket policy as well; the last statement decides each time.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>

#include "common/policy/evaluate.h"

namespace angophora::bench {
namespace {

using namespace policy;

std::string document(const std::function<std::string(int)>& statement, int count, bool last) {
  std::string json = R"({"Version":"2012-10-17","Statement":[)";
  for (int i = 0; i < count; ++i) json += statement(i) + ",";
  if (last)
    json += R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*"},)";
  json.back() = ']';
  return json + "}";
}

std::string for_another_action(int i) {
  return fmt::format(
      R"({{"Effect":"Allow","Action":["ec2:Run{0}*","ec2:Describe{0}","sns:*"],"Resource":"arn:aws:ec2:*:*:instance/i-{0}*"}})",
      i);
}

std::string with_condition(int i) {
  return fmt::format(
      R"({{"Effect":"{}","Action":"s3:Get*","Resource":"arn:aws:s3:::photos/*","Condition":{{
          "NotIpAddress":{{"aws:SourceIp":"10.{}.0.0/8"}},"StringEquals":{{"aws:PrincipalTag/team":"t{}"}}}}}})",
      i % 2 ? "Deny" : "Allow", i, i);
}

std::string with_all_of_it(int i) {
  return fmt::format(
      R"({{"Effect":"{0}","NotAction":["iam:*","sts:Get?ession*","ec2:*Inst*s"],"Resource":["arn:aws:s3:::logs{1}/*","arn:aws:s3:::pho*/${{aws:username}}/*/?.jpg","arn:aws:s3:::photos/*"],
          "Condition":{{"StringLike":{{"s3:prefix":["home/${{aws:username}}/{1}*","x*y*z{1}","*${{aws:PrincipalTag/team, 'none'}}"]}},
          "DateLessThan":{{"aws:CurrentTime":"2126-01-01T00:00:00Z"}},
          "ForAllValues:StringLike":{{"aws:TagKeys":["a*","b*","{1}"]}}}}}})",
      i % 2 ? "Deny" : "Allow", i);
}

NamedPolicy compile(const std::string& json, Grammar grammar) {
  auto parsed = parse(json, {.grammar = grammar, .size_max = 100'000});
  if (!parsed) throw std::runtime_error(parsed.error().message);
  return {"bench", parsed.value()};
}

class Bench {
 public:
  explicit Bench(double seconds) : seconds_(seconds) {}

  void time(const char* name, const std::function<void()>& once) {
    constexpr int kBatch = 1000;
    long count = 0;
    const auto start = std::clock();
    double passed_s = 0;
    while (passed_s < seconds_) {
      for (int i = 0; i < kBatch; ++i) once();
      count += kBatch;
      passed_s = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    }
    std::printf("%-46s %8.2f us\n", name, passed_s * 1e6 / static_cast<double>(count));
  }

  void decisions(const char* name, const std::function<std::string(int)>& statement, bool bucket) {
    Policies policies;
    for (int i = 0; i < 10; ++i)
      policies.identity.push_back(
          compile(document(statement, i < 9 ? 10 : 9, i == 9), Grammar::identity));
    std::string of_bucket =
        R"({"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::photos/*",
        "Condition":{"Bool":{"aws:SecureTransport":"false"}}}})";
    const auto bucket_policy = compile(of_bucket, Grammar::bucket);
    Facts known;
    known.set("aws:SourceIp", "10.1.2.3")
        .set("aws:SecureTransport", true)
        .set("s3:prefix", "home/alice/x");
    known.set("aws:TagKeys", std::vector<std::string>{"alpha", "beta"});
    const auto alice = Principal::user("123456789012", "alice", "AIDAALICE00000000000");
    Request request{.action = "s3:GetObject",
                    .resource = s3_arn("photos", "alice/2026/11/22/picture.jpg"),
                    .resource_account = "123456789012",
                    .resource_policy = bucket ? &bucket_policy : nullptr,
                    .now = common::SysTime(std::chrono::hours(498'000)),
                    .context = &known};
    if (!decide(alice, policies, request).allowed)
      throw std::runtime_error(explain(alice, policies, request));
    time(name, [&] { (void)decide(alice, policies, request); });
  }

  void run() {
    std::printf("10 policies of 10 statements\n");
    decisions("  decision, others", for_another_action, false);
    decisions("  decision, conditions", with_condition, false);
    decisions("  decision, all of it", with_all_of_it, true);
    const auto json = document(with_all_of_it, 10, false);
    std::printf("one policy of %zu bytes\n", json.size());
    time("  parse and compile", [&] { (void)compile(json, Grammar::identity); });
  }

 private:
  double seconds_;
};

}  // namespace
}  // namespace angophora::bench

int main(int argc, char** argv) {
  using namespace angophora;
  const bool seconds_given = argc == 3 && std::strcmp(argv[1], "--seconds") == 0;
  const double seconds = seconds_given ? std::atof(argv[2]) : 2;
  if ((argc != 1 && !seconds_given) || seconds <= 0) {
    std::fprintf(stderr, "usage: %s [--seconds S]\n", argv[0]);
    return 2;
  }
  bench::Bench(seconds).run();
  return 0;
}
