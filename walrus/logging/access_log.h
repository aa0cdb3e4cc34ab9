// The access logs of buckets: keeps records of requests in memory for a while and puts them, many
// in one object, into the buckets that are to have them. As with Amazon that is done as well as can
// be, and no promise: what a crash, a full disk or a target that has changed its mind loses is
// lost.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "walrus/documents/logging.h"
#include "walrus/domain/object.h"
#include "walrus/s3/operation.h"

namespace angophora::walrus {

// I/O thread only. Outlives the runtime's coroutines.
class AccessLog {
 public:
  explicit AccessLog(Services& services) : services_(services) {}

  // Reads what all buckets say about it.
  Task<> load();
  // Reads anew what `bucket` says about it.
  common::awaitable<void> reload(std::string bucket);

  struct Source {
    LoggingRule rule;
    std::string owner;  // canonical id
  };
  // Null for a bucket that has no access log.
  const Source* source(const std::string& bucket) const;

  // Keeps lines about requests to `bucket`. What lies there for longer than
  // S3Settings::access_log_roll already is put away first.
  common::awaitable<void> add(std::string bucket, std::string lines);

  // Puts away what waits for no further request, and all there is when the daemon stops.
  common::awaitable<void> run();

 private:
  // Records that become one object.
  struct Batch {
    LoggingRule rule;
    common::SysTime begun{};
    std::size_t bytes = 0;
    std::vector<std::pair<std::string, std::string>> lines;  // and the bucket they are about
  };
  std::string batch_name(const std::string& bucket, const LoggingRule& rule) const;
  std::vector<Batch> take_older_than(common::Duration age);
  common::awaitable<void> put_away(Batch batch);
  Task<std::optional<Bucket>> keep_permitted(Batch& batch);
  Task<> write(const Batch& batch, const Bucket& target);

  Services& services_;
  std::map<std::string, Source> sources_;
  std::map<std::string, Batch> batches_;
  // Answers of reload() that were overtaken by a later one are thrown away.
  std::uint64_t reloads_ = 0, reloads_under_way_ = 0;
  std::map<std::string, std::uint64_t> applied_;
};

}  // namespace angophora::walrus
