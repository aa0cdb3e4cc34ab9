// What users put as policies, and requests against it. The first byte chooses.
#include <algorithm>
#include <cstdint>
#include <span>

#include "common/base/text.h"
#include "common/policy/evaluate.h"
#include "common/policy/limits.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace angophora::policy;
using angophora::fuzz::require;

constexpr Grammar kGrammars[] = {Grammar::identity, Grammar::account, Grammar::trust,
                                 Grammar::bucket};

void fuzz_parse(std::string_view text) {
  for (const auto grammar : kGrammars) {
    const auto document = parse(text, {.grammar = grammar, .size_max = 20'480, .limits = true});
    if (document)
      (void)document.value().named_principals();
    else
      require(!document.error().message.empty());
  }
}

// Lines: action, resource, account, then key=value, an empty line, then the policy.
void fuzz_decide(std::string_view text) {
  const auto line = [&] {
    const auto end = std::min(text.find('\n'), text.size());
    const auto taken = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return taken;
  };
  const auto action = line();
  Request request{
      .action = action, .resource = std::string(line()), .resource_account = std::string(line())};
  Facts known;
  for (auto entry = line(); !entry.empty(); entry = line()) {
    const auto split = std::min(entry.find('='), entry.size());
    known.set(entry.substr(0, split), std::string(entry.substr(std::min(split + 1, entry.size()))));
  }
  request.context = &known;
  request.now = angophora::common::SysTime(std::chrono::hours(490'000));
  const auto alice = Principal::user("123456789012", "alice", "AIDAALICE00000000000");
  for (const auto grammar : kGrammars) {
    const auto document = parse(text, {.grammar = grammar, .size_max = 20'480, .limits = true});
    if (!document) continue;
    const NamedPolicy policy{"p", document.value()};
    const bool resource = grammar == Grammar::bucket || grammar == Grammar::trust;
    Policies policies;
    if (!resource) policies.identity = {policy};
    if (resource) request.resource_policy = &policy;
    const auto maximum =
        limit(std::span(&policy, 1), "ec2:quota-volumenumber", action, request.resource);
    require(!maximum || *maximum >= 0);
    const auto decision = decide(alice, policies, request);
    require(decide(alice, policies, request).why == decision.why);
    require(!decision.denied_explicitly() || !decision.allowed);
    require(explain(alice, policies, request).find(decision.sentence()) != std::string::npos);
    request.resource_policy = nullptr;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  angophora::fuzz::choose(data, size, {fuzz_parse, fuzz_decide});
  return 0;
}
