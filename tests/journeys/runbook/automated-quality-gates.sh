#!/bin/bash
# Pre-deployment validation script

echo "=== PRE-DEPLOYMENT VALIDATION ==="
VALIDATION_PASSED=true

# 1. Code Quality Validation
echo "Checking code quality..."
npm run lint
if [ $? -ne 0 ]; then
  echo "❌ Linting failed"
  VALIDATION_PASSED=false
fi

# 2. Security Scan
echo "Running security scan..."
npm audit --audit-level high
if [ $? -ne 0 ]; then
  echo "❌ Security vulnerabilities detected"
  VALIDATION_PASSED=false
fi

# 3. Unit Tests
echo "Running unit tests..."
npm run test:unit
if [ $? -ne 0 ]; then
  echo "❌ Unit tests failed"
  VALIDATION_PASSED=false
fi

# 4. Build Validation
echo "Validating build process..."
npm run build
if [ $? -ne 0 ]; then
  echo "❌ Build failed"
  VALIDATION_PASSED=false
fi

# 5. Edge Function Validation
echo "Validating Edge Functions..."
supabase functions serve &
SERVE_PID=$!
sleep 5

# Test each function
for func in gdpr-compliance database-scalability production-monitoring error-tracking; do
  echo "Testing $func..."
  response=$(curl -s -X POST "http://localhost:54321/functions/v1/$func" \
    -H "Content-Type: application/json" \
    -d '{"action": "health_check"}' \
    -w "%{http_code}")
  
  if [[ "$response" != *"200"* ]]; then
    echo "❌ Function $func validation failed"
    VALIDATION_PASSED=false
  fi
done

kill $SERVE_PID

# Final validation result
if [ "$VALIDATION_PASSED" = true ]; then
  echo "✅ All pre-deployment validations passed"
  exit 0
else
  echo "❌ Pre-deployment validation failed"
  exit 1
fi
