using System.CommandLine;
using Broker.CommandLine;
using Broker.Producer.Cli.Items;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Job;

/// <summary>Shows what would be sent, without a broker.</summary>
internal static class DryRun
{
    public static Option<bool> Option() => new("--dry-run") { Description = "Show the items as JSON; send nothing" };

    public static async Task<int> ShowAsync(ItemSource source, CancellationToken cancellationToken)
    {
        await using var output = new BufferedStream(StandardOutput.Open(), 64 * 1024);
        long count = 0, bytes = 0;
        await foreach (var item in source.ReadAsync(cancellationToken))
        {
            count++;
            bytes += item.Length;
            await output.WriteAsync(item, cancellationToken);
            output.WriteByte((byte)'\n');
        }

        await output.FlushAsync(cancellationToken);
        source.ThrowIfBroken();
        Screen.Say($"{count} items, {bytes} bytes from {source.Name}; nothing was sent");
        return ExitCodes.Success;
    }
}
