using Broker.Tests.Support;
using Broker.Topology;

namespace Broker.Tests.Chaos.Faults;

/// <summary>A broker that dies, freezes or blocks, connections that end, queues that are deleted.</summary>
internal static class BrokerFaults
{
    private static TimeSpan AlarmFor => TimeSpan.FromSeconds(Environment.GetEnvironmentVariable("BROKER_CHAOS_ALARM_SECONDS") is { Length: > 0 } text ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : 180);

    public static IEnumerable<Fault> All =>
    [
        new("broker-killed", scene => RestartAsync(scene.Broker, scene.Broker.KillAsync)),
        new("broker-restarted", scene => RestartAsync(scene.Broker, scene.Broker.StopAsync)),
        new("broker-frozen-40s", scene => scene.Broker.FreezeAsync(TimeSpan.FromSeconds(40))),
        new("memory-alarm", scene => BetweenAsync(scene, ["set_vm_memory_high_watermark", "0.0001"], AlarmFor, ["set_vm_memory_high_watermark", "0.4"])),
        new("disk-alarm", scene => BetweenAsync(scene, ["set_disk_free_limit", "100000GB"], AlarmFor, ["set_disk_free_limit", "50MB"])),
        new("permissions-lost", scene => BetweenAsync(scene, ["set_permissions", "broker", "^$", "^$", "^$"], TimeSpan.FromSeconds(15), ["set_permissions", "broker", ".*", ".*", ".*"])),
        new("connections-closed", async scene =>
        {
            for (var round = 0; round < 5; round++)
            {
                await scene.Broker.ControlAsync("close_all_connections", "chaos");
                await Task.Delay(TimeSpan.FromSeconds(3));
            }
        }),
        new("connections-reset", scene =>
        {
            scene.Front!.Cut();
            return Task.CompletedTask;
        }) { Quick = true, Fronted = true },
        new("connections-silent", async scene =>
        {
            scene.Front!.Silence();
            // Twice the heartbeat, and what it takes to look.
            await Task.Delay(TimeSpan.FromSeconds(30));
        }) { Fronted = true },
        new("jobs-queue-deleted", scene => DeleteAsync(scene, Names.JobsQueue(scene.Kind("ledger")))) { Quick = true, Detaches = false },
        new("results-queue-deleted", scene => DeleteAsync(scene, Names.ResultsQueue(scene.Pool.ClientId))),
        new("dead-queue-deleted", scene => DeleteAsync(scene, Names.DeadQueue(scene.Kind("ledger")))),
        new("cancelled-stream-deleted", scene => DeleteAsync(scene, Names.CancelledStream)),
    ];

    private static async Task RestartAsync(PrivateBroker broker, Func<Task> endAsync)
    {
        await endAsync();
        await broker.StartAgainAsync();
    }

    private static async Task BetweenAsync(Scene scene, string[] begin, TimeSpan duration, string[] end)
    {
        await scene.Broker.ControlAsync(begin);
        await Task.Delay(duration);
        await scene.Broker.ControlAsync(end);
    }

    private static async Task DeleteAsync(Scene scene, string queue)
    {
        await using var probe = await QueueProbe.OpenAsync(scene.Broker.Url);
        await probe.DeleteAsync(queue);
    }
}
