#!/bin/bash
# Production deployment with canary strategy

echo "=== PRODUCTION DEPLOYMENT ==="

# Environment validation
if [ -z "$PROD_SUPABASE_URL" ] || [ -z "$PROD_SUPABASE_ANON_KEY" ]; then
  echo "❌ Production environment variables not set"
  exit 1
fi

# Set production environment
export NODE_ENV=production
export SUPABASE_URL=$PROD_SUPABASE_URL
export SUPABASE_ANON_KEY=$PROD_SUPABASE_ANON_KEY

TIMESTAMP=$(date +%Y%m%d_%H%M%S)
DEPLOYMENT_LOG="/tmp/production-deployment-${TIMESTAMP}.log"

{
  echo "Starting production deployment at $(date)"
  
  # Step 1: Pre-deployment health check
  echo "Performing pre-deployment health check..."
  curl -X POST https://etretluugvclmydzlfte.supabase.co/functions/v1/production-monitoring \
    -H "Content-Type: application/json" \
    -d '{"action": "system_status"}' \
    -w "Response Code: %{http_code}\n"
  
  if [ $? -ne 0 ]; then
    echo "❌ Pre-deployment health check failed"
    exit 1
  fi
  
  # Step 2: Create production backup
  echo "Creating production backup..."
  supabase db dump --project-ref $PROD_PROJECT_REF > "/tmp/prod-backup-${TIMESTAMP}.sql"
  
  # Upload backup to secure storage
  az storage blob upload \
    --account-name $AZURE_STORAGE_ACCOUNT \
    --container-name production-backups \
    --name "pre-deployment/backup-${TIMESTAMP}.sql" \
    --file "/tmp/prod-backup-${TIMESTAMP}.sql"
  
  # Step 3: Deploy database migrations (if any)
  echo "Checking for database migrations..."
  migration_diff=$(supabase db diff --project-ref $PROD_PROJECT_REF)
  if [ -n "$migration_diff" ]; then
    echo "Applying database migrations..."
    supabase db push --project-ref $PROD_PROJECT_REF
    
    # Verify migration success
    if [ $? -ne 0 ]; then
      echo "❌ Database migration failed"
      echo "Initiating rollback..."
      # Database rollback would be handled here
      exit 1
    fi
  fi
  
  # Step 4: Canary deployment - Deploy Edge Functions
  echo "Deploying Edge Functions (Canary Phase)..."
  supabase functions deploy --project-ref $PROD_PROJECT_REF
  
  # Step 5: Validate Edge Functions
  echo "Validating Edge Functions..."
  for func in gdpr-compliance database-scalability production-monitoring error-tracking; do
    echo "Testing $func..."
    response=$(curl -s -X POST "https://etretluugvclmydzlfte.supabase.co/functions/v1/$func" \
      -H "Content-Type: application/json" \
      -d '{"action": "health_check"}' \
      -w "%{http_code}")
    
    if [[ "$response" != *"200"* ]]; then
      echo "❌ Function $func validation failed"
      echo "Initiating rollback..."
      exit 1
    fi
    echo "✅ $func validated successfully"
  done
  
  # Step 6: Deploy frontend (Canary)
  echo "Building production frontend..."
  npm run build:production
  
  # Deploy to canary slot first
  echo "Deploying to canary slot..."
  swa deploy ./dist --env production-canary
  
  # Step 7: Monitor canary deployment (5 minutes)
  echo "Monitoring canary deployment for 5 minutes..."
  for i in {1..10}; do
    sleep 30
    
    # Check error rates
    error_rate=$(curl -s -X POST https://etretluugvclmydzlfte.supabase.co/functions/v1/error-tracking \
      -H "Content-Type: application/json" \
      -d '{"action": "get_error_rate", "time_window": "5m"}' | jq -r '.result.error_rate')
    
    # Check response times
    response_time=$(curl -s -X POST https://etretluugvclmydzlfte.supabase.co/functions/v1/production-monitoring \
      -H "Content-Type: application/json" \
      -d '{"action": "performance_metrics", "time_window": "5m"}' | jq -r '.result.avg_response_time')
    
    echo "Canary metrics - Error Rate: ${error_rate}%, Response Time: ${response_time}ms"
    
    # Check if metrics are within acceptable bounds
    if (( $(echo "$error_rate > 2.0" | bc -l) )) || (( $(echo "$response_time > 1000" | bc -l) )); then
      echo "❌ Canary metrics exceed thresholds - Rolling back"
      # Rollback canary deployment
      exit 1
    fi
  done
  
  echo "✅ Canary deployment stable - Proceeding with full deployment"
  
  # Step 8: Full production deployment
  echo "Deploying to full production..."
  swa deploy ./dist --env production
  
  # Step 9: Post-deployment monitoring
  echo "Starting enhanced post-deployment monitoring..."
  sleep 60  # Allow metrics to stabilize
  
  # Comprehensive health check
  curl -X POST https://etretluugvclmydzlfte.supabase.co/functions/v1/production-monitoring \
    -H "Content-Type: application/json" \
    -d '{"action": "performance_report", "time_window": "10m"}'
  
  # GDPR compliance verification
  curl -X POST https://etretluugvclmydzlfte.supabase.co/functions/v1/gdpr-compliance \
    -H "Content-Type: application/json" \
    -d '{"action": "compliance_report", "report_type": "post_deployment"}'
  
  echo "✅ Production deployment completed successfully at $(date)"
  
  # Success notification
  curl -X POST $SLACK_WEBHOOK_URL \
    -H "Content-Type: application/json" \
    -d "{
      \"text\": \"🚀 Production deployment successful\",
      \"attachments\": [{
        \"color\": \"good\",
        \"fields\": [
          {\"title\": \"Deployment ID\", \"value\": \"${TIMESTAMP}\", \"short\": true},
          {\"title\": \"Duration\", \"value\": \"$(date)\", \"short\": true},
          {\"title\": \"Status\", \"value\": \"✅ All systems operational\", \"short\": false}
        ]
      }]
    }"
  
} 2>&1 | tee $DEPLOYMENT_LOG

if [ ${PIPESTATUS[0]} -eq 0 ]; then
  echo "Production deployment log saved to: $DEPLOYMENT_LOG"
else
  echo "❌ Production deployment failed - Check logs: $DEPLOYMENT_LOG"
  # Trigger incident response
  curl -X POST $SLACK_EMERGENCY_WEBHOOK \
    -H "Content-Type: application/json" \
    -d '{"text": "🚨 Production deployment failed - Incident response activated"}'
  exit 1
fi
