#!/bin/bash
# Comprehensive deployment notification system

DEPLOYMENT_TYPE="$1"  # development, staging, production
DEPLOYMENT_STATUS="$2"  # started, success, failed
DEPLOYMENT_ID="$3"
ERROR_MESSAGE="$4"

TIMESTAMP=$(date '+%Y-%m-%d %H:%M:%S UTC')

case "$DEPLOYMENT_STATUS" in
  "started")
    MESSAGE="🚀 Deployment started"
    COLOR="#36a64f"
    ;;
  "success")
    MESSAGE="✅ Deployment successful"
    COLOR="#36a64f"
    ;;
  "failed")
    MESSAGE="❌ Deployment failed"
    COLOR="#ff0000"
    ;;
  *)
    MESSAGE="ℹ️  Deployment update"
    COLOR="#ffaa00"
    ;;
esac

# Slack notification
curl -X POST $SLACK_WEBHOOK_URL \
  -H "Content-Type: application/json" \
  -d "{
    \"text\": \"$MESSAGE\",
    \"attachments\": [{
      \"color\": \"$COLOR\",
      \"fields\": [
        {\"title\": \"Environment\", \"value\": \"$DEPLOYMENT_TYPE\", \"short\": true},
        {\"title\": \"Deployment ID\", \"value\": \"$DEPLOYMENT_ID\", \"short\": true},
        {\"title\": \"Timestamp\", \"value\": \"$TIMESTAMP\", \"short\": true},
        $([ -n \"$ERROR_MESSAGE\" ] && echo \"{\\\"title\\\": \\\"Error\\\", \\\"value\\\": \\\"$ERROR_MESSAGE\\\", \\\"short\\\": false}\")
      ]
    }]
  }"

# Email notifications for production
if [ "$DEPLOYMENT_TYPE" = "production" ]; then
  # Send email to stakeholders
  echo "Sending email notifications..."
  # Email implementation would go here
fi

# Create deployment record
curl -X POST https://etretluugvclmydzlfte.supabase.co/functions/v1/production-monitoring \
  -H "Content-Type: application/json" \
  -d "{
    \"action\": \"log_deployment\",
    \"deployment\": {
      \"deployment_id\": \"$DEPLOYMENT_ID\",
      \"environment\": \"$DEPLOYMENT_TYPE\",
      \"status\": \"$DEPLOYMENT_STATUS\",
      \"timestamp\": \"$TIMESTAMP\",
      \"error_message\": \"$ERROR_MESSAGE\"
    }
  }"
