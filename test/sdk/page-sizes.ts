/** The sizes of pages that AWS's service models allow (botocore 1.43.11): what each call's `MaxResults` or `MaxItems` may be. */

export interface PageSizes {
  readonly min: number | undefined;
  readonly max: number | undefined;
}

/** What most calls of a service allow. */
export const usualPageSizes: Readonly<Record<string, PageSizes>> = {
  acm: { min: 1, max: 1000 },
  ec2: { min: 5, max: 1000 },
  iam: { min: 1, max: 1000 },
  ssm: { min: 1, max: 50 },
  'service-quotas': { min: 1, max: 100 },
};

/** What the others allow, by service: least, most, calls. */
const otherPageSizes: Readonly<Record<string, readonly (readonly [number | undefined, number | undefined, string])[]>> = {
  ec2: [
    [
      1,
      1000,
      `DescribeAddressesAttribute DescribeCapacityBlockExtensionHistory DescribeCapacityBlockExtensionOfferings
      DescribeCapacityBlockOfferings DescribeCapacityBlockStatus DescribeCapacityBlocks DescribeCapacityManagerDataExports
      DescribeCapacityReservationBillingRequests DescribeCapacityReservations DescribeDeclarativePoliciesReports
      DescribeInstanceImageMetadata DescribeInstanceSqlHaHistoryStates DescribeInstanceSqlHaStates DescribeIpv6Pools
      DescribePrincipalIdFormat DescribeSpotFleetInstances DescribeSpotFleetRequestHistory GetAssociatedIpv6PoolCidrs
      GetCapacityManagerMonitoredTagKeys GetCapacityReservationUsage GetGroupsForCapacityReservation GetIpamAddressHistory
      GetNetworkInsightsAccessScopeAnalysisFindings ListImagesInRecycleBin`,
    ],
    [0, 100, `DescribeAwsNetworkPerformanceMetricSubscriptions`],
    [
      1,
      100,
      `DescribeByoipCidrs DescribeCapacityReservationFleets DescribeInstanceTopology DescribeIpamByoasn DescribeManagedPrefixLists
      DescribeNetworkInsightsAccessScopeAnalyses DescribeNetworkInsightsAccessScopes DescribeNetworkInsightsAnalyses
      DescribeNetworkInsightsPaths DescribeVpcEndpointAssociations GetManagedPrefixListEntries`,
    ],
    [1, 10, `DescribeCapacityReservationTopology DescribePublicIpv4Pools DescribeVerifiedAccessInstanceLoggingConfigurations`],
    [
      5,
      255,
      `DescribeEgressOnlyInternetGateways DescribeNetworkInterfacePermissions DescribeStaleSecurityGroups
      DescribeTrunkInterfaceAssociations DescribeVpcClassicLinkDnsSupport GetManagedPrefixListAssociations`,
    ],
    [10, 1000, `DescribeElasticGpus GetSpotPlacementScores`],
    [1, 500, `DescribeExportImageTasks DescribeMacModificationTasks`],
    [0, 200, `DescribeFastLaunchImages DescribeFastSnapshotRestores`],
    [
      undefined,
      undefined,
      `DescribeFleetHistory DescribeFleetInstances DescribeFleets DescribeFlowLogs DescribeHostReservations DescribeHosts DescribeImages
      DescribeImportImageTasks DescribeImportSnapshotTasks DescribeInstanceStatus DescribeInstances DescribeLaunchTemplateVersions
      DescribePrefixLists DescribeReservedInstancesOfferings DescribeScheduledInstances DescribeSnapshotTierStatus
      DescribeSnapshots DescribeSpotFleetRequests DescribeSpotInstanceRequests DescribeSpotPriceHistory DescribeTags
      DescribeVolumeStatus DescribeVolumes DescribeVolumesModifications DescribeVpcEndpointConnectionNotifications
      DescribeVpcEndpointConnections DescribeVpcEndpointServiceConfigurations DescribeVpcEndpointServicePermissions
      DescribeVpcEndpointServices DescribeVpcEndpoints GetAwsNetworkPerformanceData GetCapacityManagerMetricData
      GetCapacityManagerMetricDimensions GetInstanceTypesFromInstanceRequirements ListVolumesInRecycleBin SearchLocalGatewayRoutes`,
    ],
    [5, 500, `DescribeHostReservationOfferings DescribeMacHosts`],
    [5, undefined, `DescribeImageReferences`],
    [1, undefined, `DescribeImageUsageReportEntries DescribeImageUsageReports`],
    [1, 50, `DescribeInstanceConnectEndpoints DescribeReplaceRootVolumeTasks`],
    [20, 500, `DescribeInstanceEventWindows`],
    [5, 100, `DescribeInstanceTypes DescribeRouteTables`],
    [1000, 100000, `DescribeIpamPoolAllocations GetIpamPoolAllocations`],
    [1, 200, `DescribeLaunchTemplates DescribeStoreImageTasks`],
    [5, 300, `DescribeScheduledInstanceAvailability`],
    [5, 200, `DescribeVerifiedAccessInstances DescribeVerifiedAccessTrustProviders`],
    [200, 1000, `DescribeVpnConcentrators GetVpnConnectionDeviceTypes`],
  ],
  ssm: [
    [1, 100, `DescribeAvailablePatches DescribeEffectivePatchesForPatchBaseline DescribePatchBaselines DescribePatchGroups`],
    [1, 200, `DescribeDocumentPermission DescribeSessions`],
    [1, 5, `DescribeEffectiveInstanceAssociations`],
    [5, 50, `DescribeInstanceInformation`],
    [
      10,
      100,
      `DescribeInstancePatchStates DescribeInstancePatchStatesForPatchGroup DescribeInstancePatches
      DescribeMaintenanceWindowExecutionTaskInvocations DescribeMaintenanceWindowExecutionTasks
      DescribeMaintenanceWindowExecutions DescribeMaintenanceWindowTargets DescribeMaintenanceWindowTasks
      DescribeMaintenanceWindows`,
    ],
    [5, 1000, `DescribeInstanceProperties`],
    [1, undefined, `DescribeMaintenanceWindowSchedule DescribeMaintenanceWindowsForTarget`],
    [50, 200, `GetInventorySchema`],
    [1, 10, `GetOpsMetadata GetParametersByPath`],
  ],
  'service-quotas': [[1, 1000, `GetQuotaUtilizationReport`]],
};

/** The sizes that a call takes. */
export function pageSizesOf(service: string, operation: string): PageSizes {
  for (const [min, max, calls] of otherPageSizes[service] ?? []) if (calls.split(/\s+/).includes(operation)) return { min, max };
  return usualPageSizes[service] ?? { min: undefined, max: undefined };
}
