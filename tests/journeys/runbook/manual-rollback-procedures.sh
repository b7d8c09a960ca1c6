#!/bin/bash
# Manual rollback script

ROLLBACK_TARGET="${1:-previous}"
REASON="${2:-Manual rollback requested}"
TIMESTAMP=$(date +%Y%m%d_%H%M%S)

echo "=== MANUAL ROLLBACK INITIATED ==="
echo "Target: $ROLLBACK_TARGET"
echo "Reason: $REASON"
echo "Timestamp: $TIMESTAMP"

# Confirm rollback
echo "This will rollback the production environment. Are you sure? (yes/no)"
read -r confirmation
if [ "$confirmation" != "yes" ]; then
  echo "Rollback cancelled"
  exit 1
fi

# Execute rollback
echo "Executing rollback..."

# Step 1: Rollback frontend
echo "Rolling back frontend..."
swa delete --env production-current
swa promote --env production-previous --target-env production

# Step 2: Rollback Edge Functions
echo "Rolling back Edge Functions..."
# Deploy previous stable versions
for func in gdpr-compliance database-scalability production-monitoring error-tracking; do
  echo "Rolling back $func..."
  supabase functions deploy $func --project-ref $PROD_PROJECT_REF --import-map ./functions_backup/import_map.json
done

# Step 3: Database rollback (if needed)
echo "Checking if database rollback is needed..."
# This would typically involve restoring from backup
# Only if schema changes were deployed

# Step 4: Verify rollback
echo "Verifying rollback..."
sleep 30  # Allow services to stabilize

# Health check
health_check=$(curl -s -X POST https://etretluugvclmydzlfte.supabase.co/functions/v1/production-monitoring \
  -H "Content-Type: application/json" \
  -d '{"action": "health_check"}' \
  -w "%{http_code}")

if [[ "$health_check" == *"200"* ]]; then
  echo "✅ Rollback successful - System healthy"
  
  # Log rollback
  curl -X POST https://etretluugvclmydzlfte.supabase.co/functions/v1/error-tracking \
    -H "Content-Type: application/json" \
    -d "{
      \"action\": \"track_error\",
      \"error_message\": \"Manual rollback executed\",
      \"component\": \"deployment\",
      \"severity\": \"warning\",
      \"metadata\": {
        \"rollback_target\": \"$ROLLBACK_TARGET\",
        \"reason\": \"$REASON\",
        \"timestamp\": \"$TIMESTAMP\"
      }
    }"
  
  # Notify team
  curl -X POST $SLACK_WEBHOOK_URL \
    -H "Content-Type: application/json" \
    -d "{
      \"text\": \"⏪ Manual rollback completed successfully\",
      \"attachments\": [{
        \"color\": \"warning\",
        \"fields\": [
          {\"title\": \"Target\", \"value\": \"$ROLLBACK_TARGET\", \"short\": true},
          {\"title\": \"Reason\", \"value\": \"$REASON\", \"short\": true},
          {\"title\": \"Status\", \"value\": \"System healthy\", \"short\": true}
        ]
      }]
    }"
else
  echo "❌ Rollback verification failed"
  # Escalate to emergency response
  curl -X POST $SLACK_EMERGENCY_WEBHOOK \
    -H "Content-Type: application/json" \
    -d '{"text": "🚨 Rollback verification failed - Emergency response needed"}'
  exit 1
fi
