// What one request knows while it is decided: keys of the principal, of the request, and of the
// service's context, each asked for once. Private to the folder.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/policy/evaluate.h"
#include "common/policy/statement.h"

namespace angophora::policy {

class RequestLookup final : public Lookup {
 public:
  RequestLookup(const Principal& principal, const Policies& policies, const Request& request);
  std::deque<RequestValue>& values(std::string_view key) override;
  const Statement::Subject& subject() const { return subject_; }

 private:
  void find(std::string_view key, std::vector<std::string>& values) const;
  struct Known {
    std::string_view key;  // of the condition or pattern that asked
    std::deque<RequestValue> values;
  };

  const Principal& principal_;
  const Request& request_;
  const std::string action_;  // lower case
  const Statement::Subject subject_;
  // By pointer: values() hands out references, also while it is asked for more.
  std::vector<std::unique_ptr<Known>> known_;
};

}  // namespace angophora::policy
