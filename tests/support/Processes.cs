using System.Diagnostics;

namespace Broker.Tests.Support;

/// <summary>Processes started by other programs.</summary>
public static class Processes
{
    public static async Task WaitUntilGoneAsync(int processId)
    {
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while (IsThere(processId))
            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
    }

    // A zombie counts as ended.
    public static bool IsThere(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited && !(File.Exists($"/proc/{processId}/stat") && File.ReadAllText($"/proc/{processId}/stat").Contains(") Z ", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            return false;
        }
    }
}
