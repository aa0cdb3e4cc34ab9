#include "walrus/logging/access_log.h"

#include <algorithm>

#include "common/log/log.h"
#include "walrus/logging/record.h"
#include "walrus/s3/log_target.h"
#include "walrus/store/bucket_settings.h"
#include "walrus/store/buckets.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kBatchBytesMax = 1 << 20;
constexpr std::size_t kBucketsPerPage = 500;
// Where nobody asks any more the last records are put away after so many times the usual age.
constexpr int kPatience = 12;

using Found = std::optional<AccessLog::Source>;

Result<Found> find_source(Tx& tx, const std::string& bucket) {
  TRY(const auto text, BucketSettings(tx).find(bucket, "logging"));
  if (!text) return Found();
  TRY(const auto root, from_inner_xml(*text, kLoggingShape));
  const auto rule = logging_rule(root);
  if (!rule) return Found();
  TRY(const auto there, Buckets(tx).find(bucket));
  return Found(AccessLog::Source{*rule, there.acl.owner});
}

class LinesBody final : public http::BodyReader {
 public:
  explicit LinesBody(std::string bytes) : bytes_(std::move(bytes)) {}
  std::optional<std::uint64_t> length() const override { return bytes_.size(); }
  Task<std::size_t> read(std::span<char> into) override {
    const auto count = std::min(into.size(), bytes_.size() - at_);
    bytes_.copy(into.data(), count, at_);
    at_ += count;
    co_return count;
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

const S3Operation& put_object() {
  const auto& all = s3_operations();
  return **std::find_if(all.begin(), all.end(),
                        [](const auto* o) { return o->name == "PutObject"; });
}

// Records belong to the target's owner, who puts them there.
S3Caller owner_of(const Services& services, const Bucket& target) {
  S3Caller caller;
  caller.canonical_id = target.acl.owner;
  const auto identities = services.identities.identities();
  if (const auto* account = identities->account_of_canonical_id(target.acl.owner)) {
    caller.account = account->id;
    caller.display_name = account->name;
    caller.principal = policy::Principal::root(account->id.value);
  }
  return caller;
}

std::shared_ptr<const Requester> requester_for(Services& services, const S3Call& call) {
  Requester requester;
  requester.asker = call.caller.asker();
  requester.principal = call.caller.principal;
  requester.now = services.runtime.now();
  requester.request_id = call.request_id;
  requester.account_numbers = services.identities.identities()->account_numbers();
  return std::make_shared<const Requester>(std::move(requester));
}

}  // namespace

Task<> AccessLog::load() {
  std::string after;
  for (;;) {
    auto list = [after](Tx& tx) -> Result<std::vector<std::pair<std::string, Found>>> {
      std::vector<std::pair<std::string, Found>> page;
      TRY(const auto names, BucketSettings(tx).buckets_with("logging", after, kBucketsPerPage));
      for (const auto& name : names) {
        TRY(auto found, find_source(tx, name));
        page.emplace_back(name, std::move(found));
      }
      return page;
    };
    CO_TRY(auto page, co_await services_.db.read(std::move(list)));
    for (auto& [name, found] : page)
      if (found) sources_[name] = std::move(*found);
    if (page.size() < kBucketsPerPage) co_return common::ok();
    after = page.back().first;
  }
}

common::awaitable<void> AccessLog::reload(std::string bucket) {
  const auto number = ++reloads_;
  auto find = [bucket](Tx& tx) { return find_source(tx, bucket); };
  ++reloads_under_way_;
  auto found = co_await services_.db.read(std::move(find));
  if (--reloads_under_way_ == 0) applied_.clear();
  if (!found) {
    log::warn("access_log.not_read", {{"bucket", bucket}, {"reason", found.error()}});
    co_return;
  }
  // Who began to read later has seen at least as much.
  auto& applied = applied_[bucket];
  if (number < applied) co_return;
  applied = number;
  if (found.value())
    sources_[bucket] = std::move(*found.assume_value());
  else
    sources_.erase(bucket);
}

const AccessLog::Source* AccessLog::source(const std::string& bucket) const {
  const auto found = sources_.find(bucket);
  return found == sources_.end() ? nullptr : &found->second;
}

// Buckets share an object where its name does not tell them apart.
std::string AccessLog::batch_name(const std::string& bucket, const LoggingRule& rule) const {
  using Keys = LoggingRule::Keys;
  auto name = rule.target + "/" + rule.prefix;
  if (rule.keys == Keys::simple) return name;
  name += "/" + bucket;
  if (rule.keys == Keys::by_event_day)
    name += "/" + common::format_iso8601(services_.runtime.now()).substr(0, 10);
  return name;
}

common::awaitable<void> AccessLog::add(std::string bucket, std::string lines) {
  const auto* known = source(bucket);
  if (!known) co_return;
  const auto now = services_.runtime.now();
  std::optional<Batch> due;
  auto& batch = batches_[batch_name(bucket, known->rule)];
  const bool is_old = now - batch.begun >= services_.settings.access_log_roll;
  if (!batch.lines.empty() && (is_old || batch.bytes >= kBatchBytesMax))
    due = std::exchange(batch, Batch{});
  if (batch.lines.empty()) batch.begun = now;
  batch.rule = known->rule;
  batch.bytes += lines.size();
  batch.lines.emplace_back(std::move(bucket), std::move(lines));
  if (due) co_await put_away(std::move(*due));
}

std::vector<AccessLog::Batch> AccessLog::take_older_than(common::Duration age) {
  std::vector<Batch> due;
  const auto now = services_.runtime.now();
  for (auto it = batches_.begin(); it != batches_.end();) {
    if (now - it->second.begun < age) {
      ++it;
      continue;
    }
    if (!it->second.lines.empty()) due.push_back(std::move(it->second));
    it = batches_.erase(it);
  }
  return due;
}

common::awaitable<void> AccessLog::run() {
  const auto guard = services_.runtime.work_guard();
  const common::Duration patience = services_.settings.access_log_roll * kPatience;
  while (!services_.runtime.stopping()) {
    co_await services_.runtime.sleep_for(services_.settings.access_log_roll);
    auto due = take_older_than(patience);
    for (auto& batch : due) co_await put_away(std::move(batch));
  }
  auto rest = take_older_than(common::Duration::zero());
  for (auto& batch : rest) co_await put_away(std::move(batch));
}

// Takes out what the target does not want. Nothing when nothing is left.
Task<std::optional<Bucket>> AccessLog::keep_permitted(Batch& batch) {
  std::vector<std::string> names;
  for (const auto& [bucket, line] : batch.lines)
    if (std::find(names.begin(), names.end(), bucket) == names.end()) names.push_back(bucket);
  struct Judged {
    std::optional<Bucket> target;
    std::vector<std::pair<std::string, std::string>> refused;  // and why
  };
  auto judge_all =
      [names, rule = batch.rule, now = services_.runtime.now(),
       numbers = services_.identities.identities()->account_numbers()](Tx& tx) -> Result<Judged> {
    Judged judged;
    for (const auto& name : names) {
      const auto source = Buckets(tx).find(name);
      if (!source) {
        judged.refused.emplace_back(name, source.error().message);
        continue;
      }
      auto target = find_log_target(tx, rule, source.value(), *numbers, now);
      if (target)
        judged.target = std::move(target).assume_value();
      else
        judged.refused.emplace_back(name, target.error().message);
    }
    return judged;
  };
  CO_TRY(auto judged, co_await services_.db.read(std::move(judge_all)));
  for (const auto& [name, why] : judged.refused) {
    const auto& gone = name;
    std::erase_if(batch.lines, [&](const auto& line) { return line.first == gone; });
    log::warn("access_log.refused", {{"bucket", name}, {"reason", why}});
  }
  co_return std::move(judged.target);
}

Task<> AccessLog::write(const Batch& batch, const Bucket& target) {
  const auto& first = batch.lines.front().first;
  LogName name;
  name.source = first;
  name.region = services_.settings.region;
  name.unique = services_.runtime.random_hex(16);
  name.delivered = services_.runtime.now();
  name.day = batch.begun;
  const auto numbers = services_.identities.identities()->account_numbers();
  if (const auto* known = source(first))
    if (const auto account = numbers->find(known->owner); account != numbers->end())
      name.account = account->second.value;
  std::string text;
  for (const auto& [bucket, lines] : batch.lines) text += lines;
  http::Request request;
  request.method = "PUT";
  request.target = "/" + target.name;
  request.headers.add("Content-Length", std::to_string(text.size()));
  request.headers.add("Content-Type", "text/plain");
  LinesBody body(std::move(text));
  request.body = &body;
  Target named{target.name, name_of_log(batch.rule, name)};
  S3Call call{request, std::move(named), {}, services_.runtime.random_hex(16), {}, {}, {}, {}};
  call.caller = owner_of(services_, target);
  call.permission = put_object().permission;
  call.settings = &services_.settings;
  call.requester = requester_for(services_, call);
  CO_TRY_VOID(co_await put_object().run(services_, call));
  co_return common::ok();
}

common::awaitable<void> AccessLog::put_away(Batch batch) {
  const auto target = co_await keep_permitted(batch);
  Result<> done = common::ok();
  if (!target) {
    done = target.error();
  } else if (target.value() && !batch.lines.empty()) {
    const auto& bucket = *target.value();
    done = co_await write(batch, bucket);
  }
  if (!done)
    log::warn(
        "access_log.lost",
        {{"target", batch.rule.target}, {"lines", batch.lines.size()}, {"reason", done.error()}});
}

}  // namespace angophora::walrus
