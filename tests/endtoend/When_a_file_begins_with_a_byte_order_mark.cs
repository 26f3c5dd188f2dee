using System.Text;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_a_file_begins_with_a_byte_order_mark : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_byte_order_mark_is_not_part_of_the_first_item()
    {
        var file = _folder.Write("items", [.. Encoding.UTF8.Preamble, .. "5\n6\n"u8]);
        var end = await Programs.RunWithoutBrokerAsync(Programs.Producer, "map", "double", "-f", file, "--dry-run");
        Assert.Equal(("5\n6\n", 0), (end.Output, end.ExitCode));
    }
}
